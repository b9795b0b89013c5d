// SPDX-License-Identifier: MIT
// The start: the language and the session first, then the pages.
import { QueryClientProvider } from '@tanstack/preact-query';
import { render } from 'preact';
import { applyEvents, followEvents } from './api/events';
import { queries } from './api/queries';
import { renewSession } from './api/session';
import { loadLanguage } from './i18n';
import { Routes } from './routes';
import './styles/main.css';

const root = document.getElementById('app');
if (!root) throw new Error('index.html has no #app');

applyEvents(queries);
followEvents();
void renewSession();
void loadLanguage().finally(() => {
  render(<QueryClientProvider client={queries}><Routes /></QueryClientProvider>, root);
});
