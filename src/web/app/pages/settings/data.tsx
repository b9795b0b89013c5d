// SPDX-License-Identifier: MIT
// Taking everything out, and the copy on this device.
import { useState } from 'preact/hooks';
import { useText } from '../../i18n';
import { dropCopy, openCopy, refreshCopy } from '../../offline/client';
import { useCopy } from '../../offline/hooks';
import { keepsCopy, wishCopy } from '../../offline/wish';
import { Button } from '../../ui/button';
import { ExportCard } from '../import/export-card';
import { CopyLine } from '../shop/state';
import { Check } from './choice';
import { Section } from './section';

export function OfflineSettings() {
  const { settings } = useText().account;
  const [keeps, setKeeps] = useState(keepsCopy);
  const { ready, refreshing } = useCopy();
  const keep = (wished: boolean) => {
    wishCopy(wished);
    setKeeps(wished);
    if (wished) openCopy();
    else void dropCopy();
  };
  return (
    <Section title={settings.offline} why={settings.offlineWhy}>
      <div class="flex flex-wrap items-center justify-between gap-x-6 gap-y-2">
        <Check label={settings.keep} checked={keeps} onChecked={keep} />
        {keeps && <Button small busy={refreshing} disabled={!ready} onClick={refreshCopy}>{settings.refresh}</Button>}
      </div>
      {keeps && <div class="mt-2"><CopyLine /></div>}
    </Section>
  );
}

export const DataSettings = () => <><ExportCard /><OfflineSettings /></>;
