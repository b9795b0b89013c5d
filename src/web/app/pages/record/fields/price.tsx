// SPDX-License-Identifier: MIT
// The price, as it is written where the user lives, in their currency.
import { useText } from '../../../i18n';
import { currency, formatLocale } from '../../../i18n/format';
import { classes } from '../../../ui/class';
import { Field } from '../../../ui/field';
import { useEditing, useFault } from '../editor-context';
import { amountOf, currencySign, moneyText, parseMoney } from '../model/money';

export function Price() {
  const { form, set, left } = useEditing();
  const { record } = useText();
  const locale = formatLocale();
  const { sign, after } = currencySign(locale, currency());
  const settle = (): void => {
    const cents = parseMoney(form.pricePaid, locale);
    if (cents !== null && cents !== undefined) set('pricePaid', moneyText(amountOf(cents), locale));
    left('pricePaid');
  };
  const adornment = <span aria-hidden="true" class={classes('pointer-events-none absolute inset-y-0 grid place-items-center px-3 text-muted', after ? 'end-0' : 'start-0')}>{sign}</span>;
  return (
    <Field label={`${record.fields.pricePaid} (${currency()})`} fault={useFault('pricePaid')}>
      {(control) => (
        <span class="relative block">
          {adornment}
          <input {...control} name="pricePaid" type="text" inputMode="decimal" autocomplete="off" class={classes('field tabular-nums', after ? 'pe-10' : sign.length > 1 ? 'ps-14' : 'ps-9')}
            value={form.pricePaid} onInput={(event) => set('pricePaid', event.currentTarget.value)} onBlur={settle} />
        </span>
      )}
    </Field>
  );
}
