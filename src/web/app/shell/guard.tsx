// SPDX-License-Identifier: MIT
// What breaks while a page is rendered ends here, not in an empty window.
import { Component, type ComponentChildren } from 'preact';
import { text } from '../i18n';
import { Button } from '../ui/button';
import { Empty } from '../ui/page';

export class Guard extends Component<{ children: ComponentChildren }, { broken: boolean }> {
  override state = { broken: false };

  static override getDerivedStateFromError() {
    return { broken: true };
  }

  override componentDidCatch(error: unknown) {
    console.error(error);
  }

  render() {
    const { shell } = text();
    if (!this.state.broken) return this.props.children;
    return (
      <Empty page icon="warning" title={shell.broken} actions={<Button look="main" onClick={() => location.reload()}>{shell.reload}</Button>}>
        {shell.brokenWhy}
      </Empty>
    );
  }
}
