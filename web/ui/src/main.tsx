import { createRoot } from 'react-dom/client';
import { App } from './app/App';
import { applyTheme } from './app/theme';
import { showCutText } from './components/cutText';
import { getLanguage, setLanguage } from './i18n';
import './styles/tokens.css';
import './styles/base.css';
import './styles/components.css';

applyTheme();
showCutText(document);
setLanguage(getLanguage());

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no element with the id root');
createRoot(root).render(<App />);
