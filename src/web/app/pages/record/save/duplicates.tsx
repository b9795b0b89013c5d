// SPDX-License-Identifier: MIT
// "You seem to have this record already": told while it is typed, and asked before it is added.
import { useQuery } from '@tanstack/preact-query';
import { useEffect, useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import type { VinylRecord } from '../../../api/types';
import { useText } from '../../../i18n';
import { Button } from '../../../ui/button';
import { Dialog } from '../../../ui/dialog';
import { Icon } from '../../../ui/icon';
import type { Form } from '../model/form';
import { GradeChip } from '../parts/grade';
import { duplicateQuery, findDuplicates } from './use-create';

const WAIT = 500; // milliseconds

function Found({ record: one }: { record: VinylRecord }) {
  const facts = [one.format, one.label, one.catalogNumber, one.releaseYear].filter(Boolean).join(' · ');
  return (
    <Link href={`/records/${one.id}`} class="flex min-h-12 items-center gap-3 rounded-lg border border-line bg-surface px-3 py-2 text-ink no-underline hover:bg-sunken">
      <span class="grow">
        <bdi class="block font-medium">{one.name}</bdi>
        <span class="block text-sm text-muted"><bdi>{one.artist}</bdi>{facts && ` · ${facts}`}</span>
      </span>
      {one.recordGrade && <GradeChip grade={one.recordGrade} />}
    </Link>
  );
}

export function DuplicateNotice({ form }: { form: Form }) {
  const { record: { duplicates } } = useText();
  const wanted = duplicateQuery(form);
  const [query, setQuery] = useState<string | null>(null);
  useEffect(() => {
    const timer = setTimeout(() => setQuery(wanted), WAIT);
    return () => clearTimeout(timer);
  }, [wanted]);
  const { data } = useQuery({
    queryKey: ['duplicates', query],
    queryFn: ({ signal }) => findDuplicates(query ?? '', signal),
    enabled: query !== null,
    retry: false,
  });
  const found = query === wanted && wanted !== null ? data ?? [] : [];
  return (
    <div role="status">
      {found.length > 0 && (
        <div class="flex flex-col gap-2 rounded-card border border-warn/40 bg-warn-soft p-4">
          <p class="flex items-center gap-2 font-medium text-warn"><Icon name="info" />{duplicates.notice(found.length)}</p>
          {found.slice(0, 3).map((one) => <Found key={one.id} record={one} />)}
        </div>
      )}
    </div>
  );
}

export function DuplicateDialog({ found, onAnyway, onClose }: { found: VinylRecord[]; onAnyway: () => void; onClose: () => void }) {
  const { record: { duplicates }, shell } = useText();
  const actions = (
    <>
      <Button onClick={onClose}>{shell.cancel}</Button>
      <Button look="main" onClick={onAnyway}>{duplicates.anyway}</Button>
    </>
  );
  return (
    <Dialog title={duplicates.title} onClose={onClose} actions={actions}>
      <p class="mb-3">{duplicates.why}</p>
      <ul class="flex flex-col gap-2">{found.slice(0, 10).map((one) => <li key={one.id}><Found record={one} /></li>)}</ul>
    </Dialog>
  );
}
