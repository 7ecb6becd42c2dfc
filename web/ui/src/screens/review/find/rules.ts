/** The rules of analytics, in the order in which people look for them. Their names are the alarms' names. */
export const RULES = [
  'intrusion', 'line_crossing', 'wrong_way', 'loitering', 'people_count', 'crowd_density', 'abnormal_motion', 'fast_motion', 'stopped_vehicle', 'congestion',
  'left_object', 'removed_object', 'smoke', 'fire', 'water_on_road', 'water_level', 'camera_occluded', 'camera_blurred', 'camera_moved', 'camera_dark', 'camera_frozen',
] as const;
