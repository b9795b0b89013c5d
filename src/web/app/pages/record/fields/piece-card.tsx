// SPDX-License-Identifier: MIT
// One piece in the editor: what it is, and the grades of its sides, drawn as they are given.
import { useText } from '../../../i18n';
import { number } from '../../../i18n/format';
import { IconButton } from '../../../ui/button';
import { Fault, Field } from '../../../ui/field';
import { useEditing, useFault } from '../editor-context';
import { KINDS, type Kind, MAX_SIDES, type Piece, type Side, hasSides, newPiece, nextSideName } from '../model/media';
import { Disc } from '../parts/disc';
import { GradePicker } from './grade-picker';

interface Props {
  piece: Piece;
  at: number;
  count: number;
  onChange: (piece: Piece) => void;
  onMove: (by: -1 | 1) => void;
  onRemove: () => void;
}

const SIZES = [7, 10, 12];
const SPEEDS = [16, 33, 45, 78];

/** The usual numbers, and the one that it is. */
function Amount({ label, value, usual, text, field, onChange }: {
  label: string; value: number | null; usual: readonly number[]; text: (n: string) => string; field: string; onChange: (n: number | null) => void;
}) {
  const { record } = useText();
  const known = value === null || usual.includes(value) ? usual : [...usual, value].sort((a, b) => a - b);
  return (
    <Field label={label} fault={useFault(field)}>
      {(control) => (
        <select {...control} class="field" value={value ?? ''} onChange={(event) => onChange(event.currentTarget.value ? Number(event.currentTarget.value) : null)}>
          <option value="">{record.pieces.unknown}</option>
          {known.map((n) => <option key={n} value={n}>{text(number(n))}</option>)}
        </select>
      )}
    </Field>
  );
}

/** Another kind brings its own size and speed; sides that carry a grade stay. */
function ofKind(piece: Piece, kind: Kind, place: number): Piece {
  const { sizeInch, speedRpm, sides } = newPiece(kind === 'VINYL' ? 'LP' : kind === 'CASSETTE' ? 'Cassette' : 'CD', place);
  const kept = piece.sides.some(({ grade }) => grade) || (hasSides(kind) && piece.sides.length > 0);
  return { ...piece, kind, sizeInch, speedRpm, sides: kept ? piece.sides : sides };
}

function SideRow({ side, field, onChange, onRemove }: { side: Side; field: string; onChange: (side: Side) => void; onRemove: () => void }) {
  const { record: { pieces } } = useText();
  const { left } = useEditing();
  const fault = useFault(field);
  return (
    <li class="flex flex-col gap-1">
      <div class="flex items-center gap-2">
        <input type="text" class="field w-14 shrink-0 text-center font-semibold uppercase" maxLength={2} autocomplete="off" autocapitalize="characters" dir="ltr"
          aria-label={pieces.sideLetter(side.name)} aria-invalid={fault ? true : undefined} value={side.name}
          onInput={(event) => onChange({ ...side, name: event.currentTarget.value })} onBlur={() => left(field)} />
        <GradePicker bare label={pieces.side(side.name)} value={side.grade} onChange={(grade) => onChange({ ...side, grade })} class="min-w-0 grow" />
        <IconButton icon="close" name={pieces.removeSide(side.name)} onClick={onRemove} />
      </div>
      <Fault text={fault} />
    </li>
  );
}

function Sides({ piece, at, onChange }: Pick<Props, 'piece' | 'at' | 'onChange'>) {
  const { record: { pieces } } = useText();
  const field = `mediaPieces[${at}].sides`;
  const setSides = (sides: Side[]): void => onChange({ ...piece, sides });
  const fault = useFault(field);
  return (
    <div class="flex flex-col gap-2">
      <ul class="grid gap-2 lg:grid-cols-2">
        {piece.sides.map((side, i) => (
          <SideRow key={i} side={side} field={`${field}.${i}`} onChange={(changed) => setSides(piece.sides.map((each, j) => (j === i ? changed : each)))}
            onRemove={() => setSides(piece.sides.filter((_, j) => j !== i))} />
        ))}
      </ul>
      <Fault text={fault} />
      {piece.sides.length < MAX_SIDES && (
        <button type="button" class="min-h-9 self-start rounded-lg text-sm text-accent underline underline-offset-2"
          onClick={() => setSides([...piece.sides, { name: nextSideName(at + 1, piece.sides), grade: null }])}>{pieces.addSide}</button>
      )}
    </div>
  );
}

function Notes({ piece, at, onChange }: Pick<Props, 'piece' | 'at' | 'onChange'>) {
  const { record: { pieces } } = useText();
  const { left } = useEditing();
  const field = `mediaPieces[${at}].notes`;
  return (
    <Field label={pieces.notesShort} fault={useFault(field)}>
      {(control) => (
        <textarea {...control} rows={1} dir="auto" class="field field-sizing-content max-h-60" value={piece.notes}
          onInput={(event) => onChange({ ...piece, notes: event.currentTarget.value })} onBlur={() => left(field)} />
      )}
    </Field>
  );
}

export function PieceCard({ piece, at, count, onChange, onMove, onRemove }: Props) {
  const { record: { pieces } } = useText();
  const n = at + 1;
  const field = (name: string): string => `mediaPieces[${at}].${name}`;
  return (
    <section aria-label={pieces.title(n)} class="rounded-xl border border-line p-3 sm:p-4">
      <div class="mb-3 flex items-center gap-1">
        <h3 class="grow font-medium">{pieces.title(n)}</h3>
        {count > 1 && <IconButton icon="down" class="rotate-180" name={pieces.up(n)} disabled={at === 0} onClick={() => onMove(-1)} />}
        {count > 1 && <IconButton icon="down" name={pieces.down(n)} disabled={n === count} onClick={() => onMove(1)} />}
        <IconButton icon="trash" name={pieces.remove(n)} onClick={onRemove} />
      </div>
      <div class="flex flex-col gap-4 sm:flex-row">
        <div class="grid w-full place-items-center self-start sm:w-32"><Disc piece={piece} n={n} /></div>
        <div class="flex min-w-0 grow flex-col gap-3">
          <div class="grid grid-cols-2 gap-3">
            <Field label={pieces.kind}>
              {(control) => (
                <select {...control} class="field" value={piece.kind} onChange={(event) => onChange(ofKind(piece, event.currentTarget.value as Kind, n))}>
                  {KINDS.map((kind) => <option key={kind} value={kind}>{pieces.kinds[kind]}</option>)}
                </select>
              )}
            </Field>
            <GradePicker label={pieces.discGrade} value={piece.discGrade} onChange={(discGrade) => onChange({ ...piece, discGrade })} />
            <Amount label={pieces.size} value={piece.sizeInch} usual={SIZES} text={pieces.inch} field={field('sizeInch')} onChange={(sizeInch) => onChange({ ...piece, sizeInch })} />
            <Amount label={pieces.speed} value={piece.speedRpm} usual={SPEEDS} text={pieces.rpm} field={field('speedRpm')} onChange={(speedRpm) => onChange({ ...piece, speedRpm })} />
          </div>
          <Sides piece={piece} at={at} onChange={onChange} />
          <Notes piece={piece} at={at} onChange={onChange} />
        </div>
      </div>
    </section>
  );
}
