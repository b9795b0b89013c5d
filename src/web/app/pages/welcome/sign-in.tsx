// SPDX-License-Identifier: MIT
// Signing in; with `?new`, where the server takes new accounts, making one.
import { Link, useSearch } from 'wouter-preact';
import { useText } from '../../i18n';
import { useTitle } from '../../ui/page';
import { EntryForm } from './entry';
import { EntryFrame } from './frame';
import { useServer } from './server';

/** The same address with or without `new`, so that where they wanted to go is not forgotten. */
function switched(search: string, register: boolean): string {
  const params = new URLSearchParams(search);
  params.delete('new');
  const rest = params.toString();
  const query = [register && 'new', rest].filter(Boolean).join('&');
  return query ? `/sign-in?${query}` : '/sign-in';
}

export default function SignIn() {
  const words = useText().account.entry;
  const search = useSearch();
  const { data: server } = useServer();
  const entry = new URLSearchParams(search).has('new') ? 'register' : 'signIn';
  const closed = server?.registration === 'closed';
  useTitle(words[entry]);
  return (
    <EntryFrame title={words[entry]} why={entry === 'signIn' ? words.signInWhy : words.registerWhy}>
      <EntryForm key={entry} entry={entry} />
      <p class="mt-6 min-h-11 py-2.5 text-muted">
        {entry === 'register' && <>{words.knownHere} <Link class="link" href={switched(search, false)}>{words.signInDo}</Link></>}
        {entry === 'signIn' && !closed && <>{words.newHere} <Link class="link" href={switched(search, true)}>{words.register}</Link></>}
        {entry === 'signIn' && closed && words.firstTime}
      </p>
    </EntryFrame>
  );
}
