// SPDX-License-Identifier: MIT
// How far the copy on this device is to be trusted, in one line.
import { useText } from '../../i18n';
import { ago, number } from '../../i18n/format';
import { useCopy } from '../../offline/hooks';
import { Icon } from '../../ui/icon';

export function CopyLine() {
  const { shop } = useText().account;
  const { ready, refreshing, count, refreshedAt, trouble } = useCopy();
  if (!ready) return <p class="min-h-6" />;
  const n = number(count);
  const words = trouble === 'full' ? shop.full
    : refreshing && !refreshedAt ? shop.reading(n)
    : refreshedAt ? shop.fresh(n, ago(new Date(refreshedAt)))
    : count ? shop.partly(n) : shop.noneWhy;
  return (
    <p class="flex min-h-6 items-center gap-1.5 text-sm text-muted" data-copy={refreshedAt ? 'whole' : 'partial'}>
      <Icon name={trouble ? 'offline' : refreshedAt ? 'check' : 'download'} size={16} />{words}
    </p>
  );
}
