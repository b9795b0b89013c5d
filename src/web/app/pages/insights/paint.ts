// SPDX-License-Identifier: MIT
// Charts painted into an image: for saving, in the colours and the direction of the page.
import { sharesOf, ticksTo } from './scales';

export interface Picture {
  readonly title: string;
  readonly subtitle: string;
  readonly kind: 'bars' | 'columns' | 'area';
  readonly points: readonly { readonly label: string; readonly value: number; readonly text: string }[];
  /** A value on the axis. */
  readonly tick: (value: number) => string;
  readonly rtl: boolean;
}

export interface Ink {
  readonly paper: string;
  readonly ink: string;
  readonly muted: string;
  readonly line: string;
  readonly accent: string;
  readonly soft: string;
  readonly font: string;
  readonly titleFont: string;
}

const WIDTH = 1000;
const MARGIN = 40;
const TOP = 110;
const ROW = 34;
const PLOT = 380;

/** How high an image of it is. */
export const heightOf = (picture: Picture): number => (picture.kind === 'bars' ? TOP + ROW * picture.points.length + MARGIN : TOP + PLOT + 70);

type Context = CanvasRenderingContext2D;

/** Text that ends in "…" where it would be wider than `room`. */
function fitted(context: Context, text: string, room: number): string {
  if (context.measureText(text).width <= room) return text;
  let most = text.length;
  while (most > 0 && context.measureText(`${text.slice(0, most)}…`).width > room) most--;
  return `${text.slice(0, most)}…`;
}

/** Paints as for left to right; `at` turns around what is not text. */
class Painter {
  constructor(readonly context: Context, readonly picture: Picture, readonly ink: Ink) {}

  at(x: number, width = 0): number {
    return this.picture.rtl ? WIDTH - x - width : x;
  }

  text(text: string, x: number, y: number, align: 'start' | 'end' | 'center', color: string, font: string, room = WIDTH): void {
    const { context } = this;
    context.font = font;
    context.fillStyle = color;
    context.textAlign = align;
    context.textBaseline = 'middle';
    context.direction = this.picture.rtl ? 'rtl' : 'ltr';
    context.fillText(fitted(context, text, room), this.at(x), y);
  }

  box(x: number, y: number, width: number, height: number, color: string): void {
    this.context.fillStyle = color;
    this.context.beginPath();
    this.context.roundRect(this.at(x, width), y, width, height, Math.min(5, width / 2, height / 2));
    this.context.fill();
  }
}

function paintBars(paint: Painter): void {
  const { picture: { points }, ink } = paint;
  const shares = sharesOf(points.map((point) => point.value));
  const [labels, values] = [260, 130];
  const room = WIDTH - 2 * MARGIN - labels - values;
  points.forEach((point, at) => {
    const y = TOP + ROW * at;
    paint.text(point.label, MARGIN, y + ROW / 2, 'start', ink.ink, `16px ${ink.font}`, labels - 16);
    paint.box(MARGIN + labels, y + 8, room, ROW - 16, ink.soft);
    paint.box(MARGIN + labels, y + 8, Math.max(2, room * (shares[at] ?? 0)), ROW - 16, ink.accent);
    paint.text(point.text, WIDTH - MARGIN, y + ROW / 2, 'end', ink.muted, `16px ${ink.font}`, values - 10);
  });
}

/** The lines of the axis; answers with the greatest value that it shows and where the plot begins. */
function paintAxis(paint: Painter): { most: number; left: number } {
  const { picture, ink, context } = paint;
  const ticks = ticksTo(Math.max(0, ...picture.points.map((point) => point.value)));
  const most = ticks[ticks.length - 1] ?? 1;
  context.font = `14px ${ink.font}`;
  const left = MARGIN + 14 + Math.max(...ticks.map((tick) => context.measureText(picture.tick(tick)).width));
  for (const tick of ticks) {
    const y = TOP + PLOT * (1 - tick / most);
    paint.box(left, y, WIDTH - MARGIN - left, 1, ink.line);
    paint.text(picture.tick(tick), left - 10, y, 'end', ink.muted, `14px ${ink.font}`);
  }
  return { most, left };
}

function paintColumns(paint: Painter): void {
  const { most, left } = paintAxis(paint);
  const { points } = paint.picture;
  const step = (WIDTH - MARGIN - left) / Math.max(1, points.length);
  points.forEach((point, at) => {
    const height = (PLOT * point.value) / most;
    paint.box(left + step * (at + 0.15), TOP + PLOT - height, step * 0.7, height, paint.ink.accent);
    paint.text(point.label, left + step * (at + 0.5), TOP + PLOT + 24, 'center', paint.ink.muted, `14px ${paint.ink.font}`, step - 4);
  });
}

function paintArea(paint: Painter): void {
  const { most, left } = paintAxis(paint);
  const { context, picture: { points }, ink } = paint;
  const room = WIDTH - MARGIN - left;
  const x = (at: number) => paint.at(left + (points.length > 1 ? (room * at) / (points.length - 1) : room / 2));
  const y = (value: number) => TOP + PLOT * (1 - value / most);
  context.beginPath();
  points.forEach((point, at) => context.lineTo(x(at), y(point.value)));
  context.strokeStyle = ink.accent;
  context.lineWidth = 3;
  context.lineJoin = 'round';
  context.stroke();
  context.lineTo(x(points.length - 1), y(0));
  context.lineTo(x(0), y(0));
  context.globalAlpha = 0.16;
  context.fillStyle = ink.accent;
  context.fill();
  context.globalAlpha = 1;
  const every = Math.max(1, Math.ceil(points.length / 7));
  points.forEach((point, at) => {
    if (at % every === 0) paint.text(point.label, left + (points.length > 1 ? (room * at) / (points.length - 1) : room / 2), TOP + PLOT + 24, at === 0 ? 'start' : 'center', ink.muted, `14px ${ink.font}`);
  });
}

/** Paints into a canvas that is WIDTH × heightOf, at twice that many pixels. */
export function paint(canvas: HTMLCanvasElement, picture: Picture, ink: Ink): void {
  const context = canvas.getContext('2d');
  if (!context) throw new Error('this browser cannot paint');
  const height = heightOf(picture);
  canvas.width = WIDTH * 2;
  canvas.height = height * 2;
  context.scale(2, 2);
  context.fillStyle = ink.paper;
  context.fillRect(0, 0, WIDTH, height);
  const painter = new Painter(context, picture, ink);
  painter.text(picture.title, MARGIN, 46, 'start', ink.ink, `600 28px ${ink.titleFont}`, WIDTH - 2 * MARGIN);
  painter.text(picture.subtitle, MARGIN, 78, 'start', ink.muted, `16px ${ink.font}`, WIDTH - 2 * MARGIN);
  if (picture.kind === 'bars') paintBars(painter);
  else if (picture.kind === 'columns') paintColumns(painter);
  else paintArea(painter);
}

/** The colours of the page at this moment. */
export function inkOf(element: HTMLElement): Ink {
  const style = getComputedStyle(element);
  const of = (name: string): string => style.getPropertyValue(name).trim();
  return {
    paper: of('--surface'), ink: of('--ink'), muted: of('--muted'), line: of('--line'), accent: of('--accent'), soft: of('--sunken'),
    font: style.fontFamily, titleFont: "'Iowan Old Style', Palatino, Charter, 'Noto Serif', Georgia, serif",
  };
}

export async function pictureBlob(picture: Picture, ink: Ink): Promise<Blob> {
  const canvas = document.createElement('canvas');
  paint(canvas, picture, ink);
  return new Promise((resolve, reject) => canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('this browser cannot paint'))), 'image/png'));
}
