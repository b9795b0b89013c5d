// SPDX-License-Identifier: MIT
// The two halves of the pages where people come in: the form, and a picture where there is room.
import type { ComponentChildren } from 'preact';
import { Brand } from '../../shell/frame';
import { RecordArt } from './art';
import { Languages } from './languages';

export function EntryFrame({ title, why, children }: { title: string; why: string; children: ComponentChildren }) {
  return (
    <div class="grid min-h-dvh lg:grid-cols-[minmax(26rem,1fr)_minmax(0,1fr)]">
      <div class="flex flex-col px-4 py-3 sm:px-10">
        <header class="flex items-center justify-between gap-3"><Brand /><Languages /></header>
        <div class="mx-auto flex w-full max-w-md grow flex-col justify-center py-10">
          <h1 class="font-title text-3xl font-semibold tracking-tight sm:text-4xl">{title}</h1>
          <p class="mb-8 mt-3 text-muted">{why}</p>
          {children}
        </div>
      </div>
      <div class="hidden place-items-center overflow-clip border-s border-line bg-sunken p-10 lg:grid">
        <RecordArt class="w-full max-w-2xl" />
      </div>
    </div>
  );
}
