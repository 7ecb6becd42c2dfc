// Makes the picture move where the browser needs help for it, and keeps the clock and the age honest.
"use strict";
(() => {
  const player = document.querySelector(".player");
  const video = document.getElementById("live");
  const clock = document.getElementById("clock");
  const seen = document.getElementById("seen");
  // The server's clock is right, the visitor's may not be.
  const started = performance.now();
  const served = Date.parse((player && player.dataset.now) || (clock && clock.dateTime) || "") || Date.now();
  const now = () => served + (performance.now() - started);
  let hls = null;
  let nativeStart = null;

  const say = (seconds) => {
    const n = Math.max(0, Math.round(seconds));
    const age = n < 120 ? player.dataset.seconds.replace("{n}", n)
      : player.dataset.minutes.replace("{n}", Math.round(n / 60));
    return player.dataset.seen.replace("{age}", age);
  };
  const playingDate = () => {
    if (hls) return hls.playingDate ? hls.playingDate.getTime() : null;
    if (video && typeof video.getStartDate === "function") {
      const start = video.getStartDate().getTime();
      if (!Number.isNaN(start)) return start + video.currentTime * 1000;
    }
    return nativeStart;
  };

  if (video) {
    const source = video.dataset.src;
    if (window.Hls && window.Hls.isSupported()) {
      hls = new window.Hls({ liveSyncDurationCount: 2, liveMaxLatencyDurationCount: 6, backBufferLength: 30, enableWorker: true });
      hls.on(window.Hls.Events.ERROR, (_event, data) => {
        if (!data.fatal) return;
        if (data.response && data.response.code === 403) { location.reload(); return; } // the portal was closed
        setTimeout(() => { if (data.type === "mediaError") hls.recoverMediaError(); else hls.loadSource(source); }, 3000);
      });
      hls.loadSource(source);
      hls.attachMedia(video);
    } else if (video.canPlayType("application/vnd.apple.mpegurl")) {
      if (!video.src) video.src = source;
      video.addEventListener("error", () => setTimeout(() => { video.src = source; }, 3000));
    } else {
      // No HLS here: a still every few seconds.
      const still = new Image();
      still.className = "still";
      still.alt = video.getAttribute("aria-label") || "";
      const renew = () => { still.src = `/live/${source.split("/")[2]}/poster.jpg?t=${Math.floor(now() / 1000)}`; };
      renew();
      setInterval(renew, 5000);
      video.replaceWith(still);
    }
    video.play && video.play().catch(() => {}); // a browser that forbids it shows its play button
  }

  setInterval(() => {
    const at = new Date(now());
    if (clock) clock.textContent = at.toLocaleTimeString("en-GB", { timeZone: "Asia/Shanghai", hour12: false });
    const shown = video && playingDate();
    if (seen && player) {
      if (shown) seen.dateTime = new Date(shown).toISOString();
      seen.textContent = say((now() - Date.parse(seen.dateTime)) / 1000);
    }
  }, 1000);
})();
