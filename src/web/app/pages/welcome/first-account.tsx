// SPDX-License-Identifier: MIT
// The first account of a new server, by the link that it printed.
import { useState } from 'preact/hooks';
import { Problem } from '../../api/problem';
import { useText } from '../../i18n';
import { ButtonLink } from '../../ui/button';
import { Empty, useTitle } from '../../ui/page';
import { EntryForm } from './entry';
import { EntryFrame } from './frame';
import { forgetSetup } from './setup';

export function FirstAccount({ token }: { token: string }) {
  const words = useText().account.entry;
  const [used, setUsed] = useState(false);
  const refused = (error: unknown) => {
    if (!(error instanceof Problem && error.status === 410)) return false;
    forgetSetup();
    setUsed(true);
    return true;
  };
  useTitle(used ? words.used : words.setup);
  if (used)
    return <Empty icon="key" title={words.used} actions={<ButtonLink href="/sign-in" look="main">{words.signInDo}</ButtonLink>}>{words.usedWhy}</Empty>;
  return (
    <EntryFrame title={words.setup} why={words.setupWhy}>
      <EntryForm entry="setup" token={token} onDone={forgetSetup} onRefused={refused} />
    </EntryFrame>
  );
}
