export default {
  'login.title': 'Log in',
  'login.tagline': 'One city, one map, one answer',
  'login.name': 'Name',
  'login.password': 'Password',
  'login.submit': 'Log in',
  'login.submitting': 'Logging in…',
  'login.show': 'Show password',
  'login.hide': 'Hide password',
  'login.caps': 'Caps Lock is on',
  'login.footnote': 'Logins and every action are recorded.',
} as const;
