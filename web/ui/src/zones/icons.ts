/** One icon for each rule. */
import {
  AlertTriangle, Aperture, Ban, CameraOff, Car, CirclePause, Droplets, EyeOff, Flame, Footprints, Gauge, LogIn, Moon, Move, PackageMinus, PackagePlus, Slash, Snail, Undo2, Users, UsersRound, Waves, Wind, Zap, type LucideIcon,
} from 'lucide-react';
import type { RuleName } from './rules';

const ICONS: Record<RuleName, LucideIcon> = {
  intrusion: LogIn,
  line_crossing: Slash,
  loitering: Footprints,
  people_count: Users,
  crowd_density: UsersRound,
  abnormal_motion: Zap,
  wrong_way: Undo2,
  fast_motion: Gauge,
  stopped_vehicle: Ban,
  congestion: Snail,
  left_object: PackagePlus,
  removed_object: PackageMinus,
  smoke: Wind,
  fire: Flame,
  water_on_road: Droplets,
  water_level: Waves,
  camera_occluded: EyeOff,
  camera_blurred: Aperture,
  camera_moved: Move,
  camera_dark: Moon,
  camera_frozen: CirclePause,
};

const OTHER: Record<string, LucideIcon> = { camera_lost: CameraOff, vehicle: Car };

/** The rule's icon, a warning sign for what is no rule. */
export const ruleIcon = (kind: string): LucideIcon => (ICONS as Record<string, LucideIcon>)[kind] ?? OTHER[kind] ?? AlertTriangle;
