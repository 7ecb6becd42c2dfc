# Sourced by ./run: installs what is missing, each step once, with a line of progress for each.
# Nothing is done twice: every step leaves a stamp with the hash of what it was made from.

PYTHON="$PWD/.venv/bin/python"
VAR="${WANGLOU_VAR:-$PWD/var}"
SETUP_LOG="$VAR/log/setup.log"
STEP_NUMBER=0

BASE_PACKAGES="python3 python3-venv libgl1 libglib2.0-0 ca-certificates util-linux"
SERVER_PACKAGES="postgresql postgresql-postgis"
DEMO_PACKAGES="python3-gi gir1.2-gstreamer-1.0 gir1.2-gst-plugins-base-1.0 gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-base gstreamer1.0-plugins-good"
TEST_PACKAGES="chromium ffmpeg fonts-noto-cjk"

fail() {
  printf '\n\033[31m%s\033[0m\n' "$*" >&2
  exit 1
}

# step NAME COMMAND...: runs it quietly, shows the name and the time it took; on failure the log's last lines.
step() {
  local name=$1 started now
  shift
  STEP_NUMBER=$((STEP_NUMBER + 1))
  started=$(date +%s%N)
  [ -t 1 ] && printf '  %2d  %-44s …\r' "$STEP_NUMBER" "$name"
  mkdir -p "$(dirname "$SETUP_LOG")"
  printf '\n== %s: %s\n' "$name" "$*" >>"$SETUP_LOG"
  if ! "$@" >>"$SETUP_LOG" 2>&1; then
    printf '  %2d  %-44s failed\n' "$STEP_NUMBER" "$name"
    printf '\nThe last lines of %s:\n' "$SETUP_LOG" >&2
    tail -n 60 "$SETUP_LOG" >&2
    fail "$name failed. Mend what the lines above say and run the same command again."
  fi
  now=$(date +%s%N)
  printf '  %2d  %-44s %5d.%d s\n' "$STEP_NUMBER" "$name" $(((now - started) / 1000000000)) $(((now - started) / 100000000 % 10))
}

# Newer releases give some libraries the ending t64 and let apt-get find them under the old name.
installed() {
  local states
  states=$(dpkg-query -W -f='${db:Status-Abbrev}\n' "$1" "${1}t64" 2>/dev/null || true)
  grep -q '^ii' <<<"$states"
}

missing_packages() {
  local package missing=""
  for package in "$@"; do
    # The default PostgreSQL may be any release: a server with PostGIS of 15 or newer is enough.
    case "$package" in
      postgresql | postgresql-postgis) have_postgis && continue ;;
    esac
    installed "$package" || missing="$missing $package"
  done
  echo "$missing"
}

have_postgis() {
  local share
  for share in /usr/share/postgresql/*/extension/postgis.control; do
    [ -e "$share" ] || continue
    local version=${share#/usr/share/postgresql/}
    version=${version%%/*}
    [ "$version" -ge 15 ] && [ -x "/usr/lib/postgresql/$version/bin/initdb" ] && return 0
  done
  return 1
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

apt_install() {
  export DEBIAN_FRONTEND=noninteractive
  # Only our own private cluster is wanted, so a first installation makes no system-wide one.
  if ! installed postgresql-common; then
    as_root mkdir -p /etc/postgresql-common/createcluster.d
    echo "create_main_cluster = false" | as_root tee /etc/postgresql-common/createcluster.d/wanglou.conf >/dev/null
  fi
  as_root apt-get update -q
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@"
}

setup_packages() {
  local missing
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    local needed=""
    command -v python3 >/dev/null || needed="$needed python3(>=3.11)"
    [ -x "$(command -v initdb || true)" ] || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || needed="$needed postgresql(>=15)+postgis(>=3.3)"
    [[ " $* " == *" python3-gi "* ]] && { python3 -c 'import gi; gi.require_version("GstRtspServer", "1.0")' 2>/dev/null || needed="$needed gst-rtsp-server-with-python-gi"; }
    [[ " $* " == *" chromium "* ]] && { command -v chromium >/dev/null || needed="$needed chromium"; }
    [ -z "$needed" ] || fail "This is neither Debian nor Ubuntu, so nothing was installed. Missing:$needed. Install them and run the same command again."
    return
  fi
  missing=$(missing_packages "$@")
  [ -n "${missing// /}" ] || return 0
  if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null; then
    fail "These system packages are missing, and there is no sudo to install them with. As root, run:
  apt-get update && apt-get install -y --no-install-recommends$missing
and then the same command again."
  fi
  # shellcheck disable=SC2086
  step "system packages" apt_install $missing
  missing=$(missing_packages "$@")
  [ -z "${missing// /}" ] || fail "These system packages could not be installed:$missing"
}

pick_python() {
  local candidate
  for candidate in /usr/bin/python3 python3.13 python3.12 python3.11 python3; do
    if command -v "$candidate" >/dev/null && "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      command -v "$candidate"
      return
    fi
  done
  fail "Python 3.11 or newer with venv is needed (Debian 12, Ubuntu 24.04 or later have it): apt-get install python3 python3-venv"
}

make_venv() {
  rm -rf .venv
  "$1" -m venv .venv
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
  # The project itself, so that 'wanglou' stands in .venv/bin; its needs are all in the lock.
  local site
  site=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
  echo "$PWD" >"$site/wanglou.pth"
  printf '#!%s\nimport sys\nfrom web.cli import main\nsys.exit(main())\n' "$PYTHON" >.venv/bin/wanglou
  chmod +x .venv/bin/wanglou
}

setup_python() {
  local python stamp
  python=$(pick_python)
  stamp="$("$python" --version) $(sha256sum <requirements.lock | cut -c1-32) $PWD"
  if [ "$(cat .venv/stamp 2>/dev/null)" != "$stamp" ]; then
    step "Python environment from requirements.lock" make_venv "$python"
    echo "$stamp" >.venv/stamp
  fi
}

build_ui() {
  export PATH="$PWD/.venv/bin:$PATH"
  (cd web/ui && npm ci --no-audit --no-fund && npm run build)
}

setup_ui() {
  local stamp
  stamp=$(find web/ui -path web/ui/node_modules -prune -o -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum | cut -c1-32)
  if [ "$(cat web/static/.stamp 2>/dev/null)" != "$stamp" ]; then
    step "web interface" build_ui
    echo "$stamp" >web/static/.stamp
  fi
}

setup_all() {
  mkdir -p "$VAR/log"
  : >"$SETUP_LOG"
  case "$1" in
    python | check) setup_packages $BASE_PACKAGES ;;
    up) setup_packages $BASE_PACKAGES $SERVER_PACKAGES ;;
    demo) setup_packages $BASE_PACKAGES $SERVER_PACKAGES $DEMO_PACKAGES ;;
    *) setup_packages $BASE_PACKAGES $SERVER_PACKAGES $DEMO_PACKAGES $TEST_PACKAGES ;;
  esac
  exec 9>"$VAR/setup.lock"
  if command -v flock >/dev/null && ! flock -n 9; then
    echo "another ./run is setting up here; waiting for it"
    flock 9
  fi
  setup_python
  case "$1" in
    python) ;;
    *) setup_ui ;;
  esac
  exec 9>&-
}
