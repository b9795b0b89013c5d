// SPDX-License-Identifier: MIT
// Adding a record: looked up first, so that nobody adds one twice unawares; then its cover.
import { useRef, useState } from 'preact/hooks';
import { navigate } from 'wouter-preact/use-browser-location';
import { get } from '../../../api/client';
import type { VinylRecord } from '../../../api/types';
import { text } from '../../../i18n';
import { formatLocale } from '../../../i18n/format';
import { toast } from '../../../ui/toast';
import { putCover } from '../cover/upload';
import { fromDataUrl } from '../cover/shrink';
import { type Loaded, createRecord } from '../data';
import { cleanBarcode } from '../model/barcode';
import { type Form, emptyForm, patchOf } from '../model/form';

/** The parameters by which the server finds what is probably the same; null while too little is known. */
export function duplicateQuery({ artist, name, format, catalogNumber, barcode }: Form): string | null {
  if (!(artist.trim() && name.trim()) && !barcode.trim()) return null;
  const given = Object.entries({ artist, name, format, catalogNumber, barcode: cleanBarcode(barcode) });
  return new URLSearchParams(given.map(([key, value]) => [key, value.trim()]).filter(([, value]) => value)).toString();
}

export const findDuplicates = (query: string, signal?: AbortSignal): Promise<VinylRecord[]> =>
  get<VinylRecord[]>(`/api/records/duplicates?${query}`, signal);

async function duplicatesOf(form: Form): Promise<VinylRecord[]> {
  const query = duplicateQuery(form);
  // Looking is a courtesy: when it fails, the record is added all the same.
  return query ? findDuplicates(query).catch(() => []) : [];
}

/** The same key for the same content, so that a try after a lost answer does not add it twice. */
function useKey(): (body: string) => string {
  const last = useRef({ body: '', key: '' });
  return (body) => {
    if (last.current.body !== body) last.current = { body, key: crypto.randomUUID() };
    return last.current.key;
  };
}

async function addCover({ record: { id } }: Loaded, cover: string | null): Promise<void> {
  const picture = cover && fromDataUrl(cover);
  if (picture) await putCover(id, picture, () => undefined).catch(() => toast(text().record.cover.afterwards, { tone: 'bad' }));
}

/** Answers false when nothing was added because of duplicates. Throws what the server says. */
export function useCreate(added: () => void) {
  const [duplicates, setDuplicates] = useState<VinylRecord[] | null>(null);
  const keyOf = useKey();
  const create = async (form: Form, cover: string | null, anyway: boolean): Promise<void> => {
    const found = anyway ? [] : await duplicatesOf(form);
    setDuplicates(found.length ? found : null);
    if (found.length) return;
    const fields = patchOf(emptyForm(), form, formatLocale());
    const loaded = await createRecord(fields, keyOf(JSON.stringify(fields)));
    added();
    await addCover(loaded, cover);
    const { id, name, artist } = loaded.record;
    toast(text().record.save.addedToast(text().record.by(name, artist)), { tone: 'good' });
    navigate(`/records/${id}`, { replace: true });
  };
  return { create, duplicates, closeDuplicates: () => setDuplicates(null) };
}
