// SPDX-License-Identifier: MIT
// Before anything is painted: the theme and the language that were chosen here, so that nothing flashes or shifts.
(() => {
  try {
    const root = document.documentElement;
    const look = JSON.parse(localStorage.getItem('recordd.look') || '{}');
    if (look.theme === 'light' || look.theme === 'dark') root.dataset.theme = look.theme;
    if (look.density) root.dataset.density = look.density;
    if (look.locale) { root.lang = look.locale; root.dir = look.locale.startsWith('ar') ? 'rtl' : 'ltr'; }
  } catch { /* storage is switched off: the system's theme it is */ }
})();
