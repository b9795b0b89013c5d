// SPDX-License-Identifier: MIT
// The pieces of a record, drawn and told.
import { useText } from '../../../i18n';
import { number } from '../../../i18n/format';
import type { Piece } from '../model/media';
import { Disc } from './disc';

function Facts({ piece }: { piece: Piece }) {
  const { record: { pieces } } = useText();
  const facts = [
    pieces.kinds[piece.kind],
    piece.sizeInch !== null && pieces.inch(number(piece.sizeInch)),
    piece.speedRpm !== null && pieces.rpm(number(piece.speedRpm)),
  ].filter(Boolean);
  return <p class="text-sm text-muted">{facts.join(' · ')}</p>;
}

export function Pieces({ pieces }: { pieces: readonly Piece[] }) {
  const { record } = useText();
  return (
    <ul class="grid gap-x-6 gap-y-5 sm:grid-cols-2 2xl:grid-cols-3">
      {pieces.map((piece, at) => (
        <li key={piece.id ?? at} class="flex items-center gap-4">
          <span class="grid w-32 shrink-0 place-items-center"><Disc piece={piece} n={at + 1} /></span>
          <div class="min-w-0">
            <h3 class="font-medium">{record.pieces.title(at + 1)}</h3>
            <Facts piece={piece} />
            {piece.notes && <p class="mt-1 text-sm whitespace-pre-line">{piece.notes}</p>}
          </div>
        </li>
      ))}
    </ul>
  );
}
