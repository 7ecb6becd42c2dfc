export default {
  'hold.asking': 'Asking the camera …',
  'hold.free': 'Nobody turns this camera. Move it and it is yours.',
  'hold.mine': 'You have it until {time}',
  'hold.release': 'Give it back',
  'hold.other': 'Held by {who} until {time}',
  'hold.take': 'Take over',
  'hold.wait': 'Wait, or ask them.',

  'pad.label': 'Turn the camera: hold and push; or the arrow keys',
  'zoom.in': 'Zoom in',
  'zoom.out': 'Zoom out',

  'presets': 'Presets',
  'preset.save': 'Save preset',
  'preset.name': 'Name of the position it stands at now',
  'preset.instead': 'Save as',
  'preset.new': 'a new preset',
  'preset.home': 'home',
  'preset.remove': 'Delete “{name}”',

  'key.turn': 'Turn and zoom the camera while held, ⇧ for full speed',
  'key.preset': 'Go to a preset',
} as const;
