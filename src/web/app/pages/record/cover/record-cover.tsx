// SPDX-License-Identifier: MIT
// The cover of a record that exists: each change is saved at once, and can be taken back.
import { useText } from '../../../i18n';
import { toast } from '../../../ui/toast';
import type { Loaded } from '../data';
import { PictureInput } from './picture-input';
import { dropCover, putCover, takeCoverBack } from './upload';

interface Props {
  record: Loaded['record'];
  /** The record as it is after a change. */
  onChanged?: (loaded: Loaded) => void;
  compact?: boolean;
}

export function RecordCover({ record: { id, cover, name, artist }, onChanged, compact }: Props) {
  const { record, shell } = useText();
  const tell = (loaded: Loaded): void => onChanged?.(loaded);
  const failed = (): void => void toast(record.cover.failed, { tone: 'bad' });
  const back = (former: string): void =>
    void takeCoverBack(id, former).then((loaded) => { tell(loaded); toast(record.cover.back, { tone: 'good' }); }, failed);
  const undo = cover ? { action: { label: shell.undo, run: () => back(cover) } } : {};
  const put = async (picture: Blob, progress: (part: number) => void): Promise<void> => {
    tell(await putCover(id, picture, progress));
    toast(record.cover.saved, { tone: 'good', ...undo });
  };
  const remove = (): void =>
    void dropCover(id).then((loaded) => { tell(loaded); toast(record.cover.removed, undo); }, failed);
  return <PictureInput src={cover} artist={artist} name={name} compact={compact} onPicture={put} onRemove={remove} />;
}
