// SPDX-License-Identifier: MIT
// The keys and what they do, and the switch for those without Ctrl.
import { useText } from '../../i18n';
import { Dialog } from '../../ui/dialog';
import { useKept } from './kept';
import { Keys } from './key-caps';
import type { Command } from './keys';

const EVERYWHERE: readonly Command[] = ['menu', 'search', 'new', 'undo', 'help'];
const IN_LIST: readonly Command[] = ['down', 'up', 'left', 'right', 'first', 'last', 'open', 'select', 'selectAll', 'edit', 'remove', 'layout', 'filters', 'escape'];

function Group({ title, commands }: { title: string; commands: readonly Command[] }) {
  const { records } = useText();
  return (
    <section>
      <h3 class="mb-1 mt-3 text-sm font-semibold text-muted">{title}</h3>
      <dl class="text-sm">
        {commands.map((command) => (
          <div key={command} class="flex min-h-8 items-center justify-between gap-4">
            <dt>{records.keys[command]}</dt>
            <dd><Keys command={command} /></dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

export default function Help({ onClose }: { onClose: () => void }) {
  const { records } = useText();
  const [singles, setSingles] = useKept('singleKeys');
  return (
    <Dialog title={records.keys.title} onClose={onClose}>
      <Group title={records.keys.everywhere} commands={EVERYWHERE} />
      <Group title={records.keys.inList} commands={IN_LIST} />
      <label class="mt-5 flex items-start gap-3 border-t border-line pt-4 text-sm">
        <input type="checkbox" class="mt-0.5 size-5 shrink-0 accent-(--accent)" checked={singles} onChange={(event) => { setSingles(event.currentTarget.checked); }} />
        <span>{records.keys.singles}<span class="block text-muted">{records.keys.singlesHint}</span></span>
      </label>
    </Dialog>
  );
}
