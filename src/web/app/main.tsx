// SPDX-License-Identifier: MIT
// The start: the language and the session first, then the pages.
import { QueryClientProvider } from '@tanstack/preact-query';
import { render } from 'preact';
import { applyEvents, followEvents } from './api/events';
import { queries } from './api/queries';
import { loadLanguage } from './i18n';
import { Routes } from './routes';
import { startSession } from './session/start';
import './styles/main.css';

const root = document.getElementById('app');
if (!root) throw new Error('index.html has no #app');

applyEvents(queries);
followEvents();
startSession();
void loadLanguage().finally(() => {
  render(<QueryClientProvider client={queries}><Routes /></QueryClientProvider>, root);
});
