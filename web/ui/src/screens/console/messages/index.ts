import { defineMessages } from '../../../i18n';
import en from './en';
import zhCN from './zh-CN';

export const consoleMessages = defineMessages({ 'zh-CN': zhCN, en });
export const useConsoleText = consoleMessages.use;
export type ConsoleKey = keyof typeof zhCN;
