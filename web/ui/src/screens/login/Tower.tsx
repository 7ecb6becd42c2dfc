/** The watchtower at dusk behind the login: lines only, in the theme's own colours, nothing that moves. */
export function Tower() {
  const wards: string[] = [];
  // Tang Chang'an's grid of wards, in one-point perspective towards the tower's horizon.
  for (let i = -44; i <= 44; i += 1) wards.push(`M${800 + i * 38} 560 L${800 + i * 200} 900`);
  for (let k = 0; k < 9; k += 1) wards.push(`M-900 ${560 + 340 * (k / 8) ** 2} H2500`);
  return (
    <svg className="login-scene" viewBox="0 0 1600 900" preserveAspectRatio="xMidYMax slice" aria-hidden="true">
      <defs>
        <linearGradient id="login-fade" x1="0" y1="560" x2="0" y2="900" gradientUnits="userSpaceOnUse">
          <stop offset="0" stopColor="currentColor" stopOpacity="0.5" />
          <stop offset="1" stopColor="currentColor" stopOpacity="0.08" />
        </linearGradient>
        <radialGradient id="login-lamp" cx="0.5" cy="0.5" r="0.5">
          <stop offset="0" stopColor="var(--accent)" stopOpacity="0.26" />
          <stop offset="0.35" stopColor="var(--accent)" stopOpacity="0.11" />
          <stop offset="0.7" stopColor="var(--accent)" stopOpacity="0.03" />
          <stop offset="1" stopColor="var(--accent)" stopOpacity="0" />
        </radialGradient>
      </defs>
      <path d={wards.join('')} fill="none" stroke="url(#login-fade)" strokeWidth="1" />
      <path d="M-900 560 C-500 560 -420 510 -200 520 S150 556 330 552 S520 488 700 512 S920 558 1080 550 S1320 486 1500 508 S1900 558 2500 556" fill="none" stroke="currentColor" strokeOpacity="0.35" />
      <circle cx="800" cy="270" r="330" fill="url(#login-lamp)" />
      <g fill="none" stroke="currentColor" strokeWidth="2" strokeLinejoin="round" strokeLinecap="round">
        <path d="M640 236 Q720 226 800 148 Q880 226 960 236" />
        <path d="M664 240 L676 252 H924 L936 240" />
        <path d="M700 252 V318 M900 252 V318 M760 252 V318 M840 252 V318" strokeOpacity="0.8" />
        <path d="M676 318 H924 M668 330 H932 M676 318 V330 M924 318 V330" />
        <path d="M704 330 L656 640 M896 330 L944 640" />
        <path d="M694 396 H906 M682 470 H918 M671 546 H929" strokeOpacity="0.7" />
        <path d="M704 330 L906 396 M896 330 L694 396 M694 396 L918 470 M906 396 L682 470 M682 470 L929 546 M918 470 L671 546 M671 546 L944 640 M929 546 L656 640" strokeOpacity="0.28" />
      </g>
      <circle cx="800" cy="288" r="7" fill="var(--accent)" />
    </svg>
  );
}
