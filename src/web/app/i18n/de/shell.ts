// SPDX-License-Identifier: MIT
// German: the frame around all pages, and words that many of them share.
import type en from '../en/shell';

export default {
  skip: 'Zum Inhalt springen',
  navigation: 'Hauptnavigation',
  home: 'Übersicht',
  records: 'Schallplatten',
  import: 'Importieren',
  insights: 'Auswertungen',
  shop: 'Habe ich die schon?',
  settings: 'Einstellungen',
  more: 'Mehr',
  add: 'Schallplatte hinzufügen',
  loading: 'Wird geladen …',
  notFound: 'Diese Seite gibt es nicht',
  notFoundWhy: 'Vielleicht ist die Adresse falsch geschrieben, oder das Ziel wurde entfernt.',
  toHome: 'Zur Übersicht',
  broken: 'Auf dieser Seite ist etwas schiefgegangen',
  brokenWhy: 'Was Sie gespeichert haben, ist nicht verloren. Laden Sie die Seite neu; bleibt es dabei, sagt vielleicht das Protokoll des Servers, warum.',
  reload: 'Neu laden',
  cancel: 'Abbrechen',
  close: 'Schließen',
  save: 'Speichern',
  delete: 'Löschen',
  edit: 'Bearbeiten',
  undo: 'Rückgängig machen',
  retry: 'Erneut versuchen',
  done: 'Fertig',
  back: 'Zurück',
  required: 'erforderlich',
  dismiss: 'Ausblenden',
} satisfies typeof en;
