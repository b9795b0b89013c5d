// SPDX-License-Identifier: MIT
// Makes /sw.js: the service worker with the list of all files of this build, which is its version, too.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { transformWithEsbuild, type Plugin } from 'vite';

function filesBelow(dir: string, path = ''): string[] {
  return readdirSync(join(dir, path), { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? filesBelow(dir, `${path}/${entry.name}`) : [`${path}/${entry.name}`]);
}

/** Last of all, when everything else is written: what is in the folder is what it keeps. */
export function serviceWorker(source: string): Plugin {
  let outDir = '';
  return {
    name: 'recordd-service-worker',
    apply: 'build',
    configResolved(config) { outDir = config.build.outDir; },
    closeBundle: {
      order: 'post',
      sequential: true,
      async handler() {
        if (!existsSync(join(outDir, 'index.html'))) return; // the build failed
        const files = filesBelow(outDir).filter((file) => !/\.map$|^\/sw\.js$|^\/(icon-512|maskable)\.png$|^\/licences\.txt$/.test(file)).sort();
        const hash = createHash('sha256');
        for (const file of files) hash.update(file).update(readFileSync(join(outDir, file)));
        const { code } = await transformWithEsbuild(readFileSync(source, 'utf8'), 'sw.ts', {
          target: 'es2022', minify: true, sourcemap: false, legalComments: 'none',
          format: 'iife',
          define: { __FILES__: JSON.stringify(files), __VERSION__: JSON.stringify(hash.digest('hex').slice(0, 16)) },
        });
        writeFileSync(join(outDir, 'sw.js'), code);
      },
    },
  };
}
