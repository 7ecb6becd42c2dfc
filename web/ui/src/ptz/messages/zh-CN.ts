export default {
  'hold.asking': '正在询问摄像头…',
  'hold.free': '当前无人控制，转动即由您控制。',
  'hold.mine': '由您控制至 {time}',
  'hold.release': '交还',
  'hold.other': '由 {who} 控制至 {time}',
  'hold.take': '接管',
  'hold.wait': '请等待或与其联系。',

  'pad.label': '转动摄像头：按住并推动，或使用方向键',
  'zoom.in': '拉近',
  'zoom.out': '拉远',

  'presets': '预置位',
  'preset.save': '保存预置位',
  'preset.name': '当前位置的名称',
  'preset.instead': '保存为',
  'preset.new': '新预置位',
  'preset.home': '看守位',
  'preset.remove': '删除“{name}”',

  'key.turn': '按住转动和变焦，加 ⇧ 为全速',
  'key.preset': '转到预置位',
} as const;
