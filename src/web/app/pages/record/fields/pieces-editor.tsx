// SPDX-License-Identifier: MIT
// The pieces of a record: added as the format suggests, graded side by side, moved and removed.
import { useText } from '../../../i18n';
import { Button } from '../../../ui/button';
import { Fault } from '../../../ui/field';
import { toast } from '../../../ui/toast';
import { useEditing, useFault } from '../editor-context';
import { MAX_PIECES, type Piece, countOf, hintOf, letterPieces, newPiece } from '../model/media';
import { PieceCard } from './piece-card';

/** The pieces in another order, by their former places; letters follow. */
function arrange(pieces: readonly Piece[], places: readonly number[]): Piece[] {
  const moved = places.flatMap((place) => pieces[place - 1] ?? []);
  return letterPieces(moved, places);
}

const placesOf = (pieces: readonly Piece[]): number[] => pieces.map((_, i) => i + 1);

function usePieces() {
  const { change } = useEditing();
  const { record, shell } = useText();
  const update = (by: (pieces: Piece[], format: string) => Piece[]): void =>
    change((form) => ({ ...form, mediaPieces: by(form.mediaPieces, form.format) }));
  const put = (at: number, piece: Piece): void => update((pieces) => pieces.map((each, i) => (i === at ? piece : each)));
  const swap = (at: number, other: number): void => update((pieces) => {
    const places = placesOf(pieces);
    [places[at], places[other]] = [other + 1, at + 1];
    return arrange(pieces, places);
  });
  const remove = (at: number, piece: Piece): void => {
    update((pieces) => arrange(pieces, placesOf(pieces).filter((place) => place !== at + 1)));
    const back = (): void => update((pieces) => {
      const places = placesOf(pieces);
      return letterPieces([...pieces.slice(0, at), piece, ...pieces.slice(at)], [...places.slice(0, at), at + 1, ...places.slice(at)]);
    });
    toast(record.pieces.removed(at + 1), { action: { label: shell.undo, run: back } });
  };
  const add = (count: number): void => update((pieces, format) => [
    ...pieces,
    ...Array.from({ length: Math.min(count, MAX_PIECES - pieces.length) }, (_, i) => newPiece(format, pieces.length + i + 1)),
  ]);
  return { put, swap, remove, add };
}

export function PiecesEditor() {
  const { form: { mediaPieces: pieces, format } } = useEditing();
  const { record } = useText();
  const { put, swap, remove, add } = usePieces();
  const suggested = pieces.length === 0 && hintOf(format) ? countOf(format) : 1;
  const fault = useFault('mediaPieces');
  return (
    <div class="flex flex-col gap-4">
      {pieces.length === 0 && <p class="text-muted">{record.pieces.none}</p>}
      {pieces.map((piece, at) => (
        <PieceCard key={piece.id ?? at} piece={piece} at={at} count={pieces.length}
          onChange={(changed) => put(at, changed)} onMove={(by) => swap(at, at + by)} onRemove={() => remove(at, piece)} />
      ))}
      <Fault text={fault} />
      <Button icon="plus" class="self-start" disabled={pieces.length >= MAX_PIECES} onClick={() => add(suggested)}>
        {suggested > 1 ? record.pieces.addFor(format.trim()) : record.pieces.add}
      </Button>
    </div>
  );
}

