// SPDX-License-Identifier: MIT
// In a shop: whether a record is in the collection. It asks the copy on this device, so it needs no network.
import { useEffect, useRef, useState } from 'preact/hooks';
import { useText } from '../../i18n';
import { number } from '../../i18n/format';
import { openCopy } from '../../offline/client';
import { useCopy, useOwned, type Answer } from '../../offline/hooks';
import { wishCopyUnlessRefused } from '../../offline/wish';
import { ButtonLink, IconButton } from '../../ui/button';
import { Icon } from '../../ui/icon';
import { PageHeading } from '../../ui/page';
import { Owned } from './owned';
import { ScanButton } from './scan';
import { CopyLine } from './state';

function Verdict({ yes, children }: { yes: boolean; children: string }) {
  return (
    <p class={`mb-3 flex items-center gap-3 rounded-xl px-4 py-3 text-lg font-semibold ${yes ? 'bg-good-soft text-good' : 'bg-sunken text-ink'}`}>
      <Icon name={yes ? 'check' : 'close'} size={26} />{children}
    </p>
  );
}

function Answered({ answer }: { answer: Answer }) {
  const { shop } = useText().account;
  const { records, total, byBarcode, query } = answer;
  if (!total)
    return (
      <div role="status">
        <Verdict yes={false}>{shop.no}</Verdict>
        <div class="flex flex-wrap items-center justify-between gap-3 px-1">
          <p class="text-muted">{shop.noWhy}</p>
          <ButtonLink href={`/records/new?name=${encodeURIComponent(query.trim())}`} icon="plus">{shop.addIt}</ButtonLink>
        </div>
      </div>
    );
  return (
    <>
      <div role="status">
        {byBarcode ? <Verdict yes>{shop.yes(total)}</Verdict> : <p class="mb-2 px-1 text-sm text-muted">{shop.found(total, number(total))}</p>}
      </div>
      <ul class="flex flex-col">{records.map((record) => <Owned key={record.id} record={record} />)}</ul>
      {total > records.length && <p class="px-1 py-3 text-muted">{shop.more(number(total - records.length))}</p>}
    </>
  );
}

/** Before anything was typed: what to do here, or why it cannot be done yet. */
function Begin() {
  const { shop } = useText().account;
  const { count, refreshing, refreshedAt, ready } = useCopy();
  const empty = ready && !count && !refreshing && !refreshedAt;
  return (
    <div class="mx-auto flex max-w-sm flex-col items-center gap-2 py-10 text-center">
      <Icon name={empty ? 'offline' : 'shop'} size={40} class="text-muted" />
      <h2 class="font-title text-xl font-semibold">{empty ? shop.none : shop.begin}</h2>
      <p class="text-muted">{empty ? shop.noneWhy : shop.beginWhy}</p>
    </div>
  );
}

export default function Shop() {
  const { shell, account: { shop } } = useText();
  const [query, setQuery] = useState('');
  const field = useRef<HTMLInputElement>(null);
  const answer = useOwned(query);
  useEffect(() => {
    wishCopyUnlessRefused();
    openCopy();
    if (matchMedia('(pointer: fine)').matches) field.current?.focus();
  }, []);
  const ask = (text: string) => {
    setQuery(text);
    scrollTo({ top: 0 });
  };
  return (
    <div class="mx-auto flex max-w-2xl flex-col max-md:min-h-[calc(100dvh-6.5rem)]">
      <PageHeading title={shell.shop} />
      <form role="search" class="max-md:sticky max-md:bottom-[calc(3.5rem+env(safe-area-inset-bottom))] max-md:order-3 max-md:-mx-4 max-md:-mb-5 max-md:border-t max-md:border-line max-md:bg-bg max-md:px-4 max-md:pb-3 max-md:pt-2"
        onSubmit={(event) => { event.preventDefault(); field.current?.blur(); }}>
        <div class="relative flex items-center gap-2">
          <div class="relative grow">
            <Icon name="search" size={24} class="pointer-events-none absolute start-4 top-1/2 -translate-y-1/2 text-muted" />
            <input ref={field} type="text" inputMode="search" enterkeyhint="search" name="q" aria-label={shop.ask} placeholder={shop.ask} autocomplete="off" spellcheck={false}
              class="field min-h-14! rounded-2xl! ps-12! pe-12! text-lg! shadow-card" value={query} onInput={(event) => ask(event.currentTarget.value)} />
            {query && (
              <IconButton icon="close" name={shop.clear} class="absolute inset-y-0 end-1.5 my-auto text-muted" onClick={() => { ask(''); field.current?.focus(); }} />
            )}
          </div>
          <ScanButton onCode={ask} />
        </div>
      </form>
      <div class="my-3 max-md:order-1 max-md:mt-0"><CopyLine /></div>
      <div class="grow max-md:order-2">{answer ? <Answered answer={answer} /> : <Begin />}</div>
    </div>
  );
}
