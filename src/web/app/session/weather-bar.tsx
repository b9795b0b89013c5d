// SPDX-License-Identifier: MIT
// One line at the top while something is wrong: what it is, and that it is being seen to.
import { useState } from 'preact/hooks';
import { useText } from '../i18n';
import { classes } from '../ui/class';
import { Icon } from '../ui/icon';
import { useWatched } from '../base/watch';
import { currentWeather, lookNow, watchWeather } from '../api/weather';

export const useWeather = () => useWatched(watchWeather, currentWeather);

export function WeatherBar({ class: more }: { class?: string }) {
  const { weather: words } = useText().account;
  const weather = useWeather();
  const [looking, setLooking] = useState(false);
  const look = () => {
    setLooking(true);
    void lookNow().finally(() => setLooking(false));
  };
  return (
    <div role="status" class={classes('sticky top-0 z-40', more)}>
      {weather !== 'fair' && (
        <div data-weather={weather} class="flex items-center gap-3 border-b border-line bg-warn-soft px-4 py-0.5 text-warn max-sm:text-sm">
          <Icon name={weather === 'offline' ? 'offline' : 'warning'} />
          <p class="grow py-1.5 leading-snug">{words[weather]}</p>
          <button type="button" class="min-h-11 whitespace-nowrap rounded-lg ps-2 font-semibold underline underline-offset-4 disabled:opacity-60" disabled={looking} onClick={look}>
            {words.now}
          </button>
        </div>
      )}
    </div>
  );
}
