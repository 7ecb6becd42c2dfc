export default {
  'login.title': '登录',
  'login.tagline': '一城一图，见事即应',
  'login.name': '用户名',
  'login.password': '密码',
  'login.submit': '登录',
  'login.submitting': '正在登录…',
  'login.show': '显示密码',
  'login.hide': '隐藏密码',
  'login.caps': '大写锁定已打开',
  'login.footnote': '登录和每一次操作都会留下记录。',
} as const;
