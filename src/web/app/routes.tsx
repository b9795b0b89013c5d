// SPDX-License-Identifier: MIT
// Which page is where, for those who are signed in and for everybody. Each page is a file of its own.
import { useEffect, useRef } from 'preact/hooks';
import { Redirect, Route, Switch, useLocation } from 'wouter-preact';
import { useSession } from './api/session-hook';
import { useText } from './i18n';
import { signInPath, wantedPath } from './session/wanted';
import { Frame, OpenFrame } from './shell/frame';
import { Guard } from './shell/guard';
import { ButtonLink } from './ui/button';
import { lazily } from './ui/lazy';
import { Empty, Waiting, useTitle } from './ui/page';

const Dashboard = lazily(() => import('./pages/dashboard/page'));
const Records = lazily(() => import('./pages/records/page'));
const Trash = lazily(() => import('./pages/records/trash'));
const RecordPage = lazily(() => import('./pages/record/page'));
const Editor = lazily(() => import('./pages/record/editor'));
const Import = lazily(() => import('./pages/import/page'));
const Insights = lazily(() => import('./pages/insights/page'));
const Settings = lazily(() => import('./pages/settings/page'));
const Shop = lazily(() => import('./pages/shop/page'));
const Welcome = lazily(() => import('./pages/welcome/page'));
const SignIn = lazily(() => import('./pages/welcome/sign-in'));
const Ended = lazily(() => import('./session/ended'));
const Shared = lazily(() => import('./pages/shared/page'));

function NotFound() {
  const { shell } = useText();
  useTitle(shell.notFound);
  return <Empty page icon="search" title={shell.notFound} actions={<ButtonLink href="/" look="main">{shell.toHome}</ButtonLink>}>{shell.notFoundWhy}</Empty>;
}

function SignedIn() {
  return (
    <Frame>
      <Guard>
        <Switch>
          <Route path="/"><Dashboard /></Route>
          <Route path="/records"><Records /></Route>
          <Route path="/records/trash"><Trash /></Route>
          <Route path="/records/new"><Editor /></Route>
          <Route path="/records/:id">{({ id }) => <RecordPage key={id} id={id} />}</Route>
          <Route path="/records/:id/edit">{({ id }) => <Editor key={id} id={id} />}</Route>
          <Route path="/import/:job?">{({ job }) => <Import job={job} />}</Route>
          <Route path="/insights"><Insights /></Route>
          <Route path="/settings/:section?">{({ section }) => <Settings section={section} />}</Route>
          <Route path="/shop"><Shop /></Route>
          <Route path="/sign-in"><Redirect to={wantedPath()} replace /></Route>
          <Route><NotFound /></Route>
        </Switch>
      </Guard>
    </Frame>
  );
}

/**
 * Until the server has said who it is (`known`), pages for everybody are there already, and others wait.
 * Where they wanted to go is kept in `to`, so that signing in leads there.
 */
function SignedOut({ known }: { known: boolean }) {
  const [path] = useLocation();
  return (
    <OpenFrame>
      <Guard>
        <Switch>
          <Route path="/"><Welcome /></Route>
          <Route path="/sign-in"><SignIn /></Route>
          <Route>{known ? <Redirect to={signInPath(path + location.search)} replace /> : <Waiting />}</Route>
        </Switch>
      </Guard>
    </OpenFrame>
  );
}

/** A new page begins at its top, and screen readers begin with it. */
function useArrival(): void {
  const [path] = useLocation();
  const first = useRef(true);
  useEffect(() => {
    if (first.current) { first.current = false; return; }
    document.getElementById('content')?.focus({ preventScroll: true });
  }, [path]);
}

export function Routes() {
  const { state } = useSession();
  useArrival();
  return (
    <Switch>
      <Route path="/s/:token/*?">{({ token }) => <OpenFrame><Guard><Shared key={token} token={token} /></Guard></OpenFrame>}</Route>
      <Route>
        {state === 'unknown' || state === 'out' ? <SignedOut known={state === 'out'} /> : <SignedIn />}
        {state === 'ended' && <Ended />}
      </Route>
    </Switch>
  );
}
