// SPDX-License-Identifier: MIT
// Makes /licences.txt: the licences of all libraries of which something went into the build.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'vite';

const intro = `recordd is free software under the MIT licence.
What the server is made with is told by: recordd version --licenses
What follows is part of the pages in your browser.
`;

/** The folder of the library that a module belongs to; undefined for our own. */
function libraryOf(module: string): string | undefined {
  return /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(module)?.[1];
}

function licenceOf(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { name: string; version: string; license?: string };
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file && existsSync(join(folder, file)) ? readFileSync(join(folder, file), 'utf8').trim() : `Licence: ${license ?? 'see the library'}`;
  return `\n${'─'.repeat(72)}\n${name} ${version}\n\n${text}\n`;
}

export function licences(): Plugin {
  return {
    name: 'recordd-licences',
    apply: 'build',
    generateBundle() {
      const folders = new Set([...this.getModuleIds()].map(libraryOf).filter((folder) => folder !== undefined));
      this.emitFile({ type: 'asset', fileName: 'licences.txt', source: intro + [...folders].sort().map(licenceOf).join('') });
    },
  };
}
