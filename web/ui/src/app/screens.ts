/** Which screens there are and who may open them. */
import type { Role } from '../api/types';

export interface Screen {
  path: string;
  /** The folder in `src/screens`, and the key of its name in the shared words: `app.screen.<folder>`. */
  folder: 'console' | 'wall' | 'review' | 'coverage' | 'phone' | 'admin';
  roles: readonly Role[];
}

export const SCREENS: readonly Screen[] = [
  { path: '/', folder: 'console', roles: ['dispatcher', 'commander', 'reviewer', 'admin'] },
  { path: '/wall', folder: 'wall', roles: ['dispatcher', 'commander', 'reviewer', 'admin'] },
  { path: '/review', folder: 'review', roles: ['reviewer', 'dispatcher', 'commander', 'admin'] },
  { path: '/coverage', folder: 'coverage', roles: ['reviewer', 'dispatcher', 'commander', 'admin'] },
  { path: '/phone', folder: 'phone', roles: ['responder'] },
  { path: '/admin', folder: 'admin', roles: ['admin', 'commander'] },
];

/** The screens that these roles may open, for menus. */
export function screensFor(roles: readonly Role[]): readonly Screen[] {
  return SCREENS.filter((screen) => screen.roles.some((role) => roles.includes(role)));
}
