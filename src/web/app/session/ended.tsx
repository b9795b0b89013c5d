// SPDX-License-Identifier: MIT
// The session was ended while somebody was at work: the password is asked for over the page, which stays as it is.
import { currentSession, dropSession } from '../api/session';
import { useSession } from '../api/session-hook';
import { useText } from '../i18n';
import { EntryForm } from '../pages/welcome/entry';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { queries } from '../api/queries';

export default function Ended() {
  const { user } = useSession();
  const words = useText().account.entry;
  const before = user?.id;
  const leave = () => dropSession('out');
  const back = () => {
    if (currentSession().user?.id !== before) location.assign('/');
    else void queries.invalidateQueries();
  };
  return (
    <Dialog title={words.expired} actions={<Button look="quiet" onClick={leave}>{words.leave}</Button>}>
      <p class="mb-5 text-muted">{words.expiredWhy}</p>
      <EntryForm entry="signIn" email={user?.email ?? ''} onDone={back} />
    </Dialog>
  );
}
