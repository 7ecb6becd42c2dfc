// The portal is no bundle: its page loads this one library, and only where the browser cannot play HLS itself.
import { copyFile, mkdir } from 'node:fs/promises';

const target = new URL('../static/portal/', import.meta.url);
await mkdir(target, { recursive: true });
await copyFile(new URL('node_modules/hls.js/dist/hls.light.min.js', import.meta.url), new URL('hls.js', target));
