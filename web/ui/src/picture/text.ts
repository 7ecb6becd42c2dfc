import { defineMessages } from '../i18n';
import en from './messages/en';
import zhCN from './messages/zh-CN';

export const messages = defineMessages({ 'zh-CN': zhCN, en });
