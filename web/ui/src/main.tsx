import { createRoot } from 'react-dom/client';
import { App } from './app/App';
import { applyTheme } from './app/theme';
import { getLanguage, setLanguage } from './i18n';
import './styles/tokens.css';
import './styles/base.css';
import './styles/components.css';

applyTheme();
setLanguage(getLanguage());

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no element with the id root');
createRoot(root).render(<App />);
