#!/usr/bin/env bash
# The gate: format, lint, types, import layers, documents, the interface's types.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
bin=.venv/bin
failed=""
gate() {
  local name=$1
  shift
  if "$@"; then echo "ok    $name"; else
    echo "FAIL  $name"
    failed="$failed $name"
  fi
}
gate format $bin/ruff format --check --quiet .
gate lint $bin/ruff check --quiet .
# A cache of its own: runs over single files leave entries that this one would misread.
gate types $bin/mypy --no-error-summary --cache-dir .mypy_cache/check
gate layers $bin/lint-imports --no-cache
gate documents $bin/python deploy/check_docs.py
gate migrations $bin/python deploy/check_docs.py --sql
interface() (
  PATH=$PWD/$bin:$PATH
  cd web/ui && npm run typecheck --silent && npm test --silent
)
if [ -d web/ui/node_modules ]; then gate interface interface; else
  echo "      interface: left out, web/ui/node_modules is not there (./run ui makes it)"
fi
[ -z "$failed" ] || {
  echo "check failed:$failed" >&2
  exit 1
}
