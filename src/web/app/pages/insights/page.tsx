// SPDX-License-Identifier: MIT
// The collection in numbers.
import { useText } from '../../i18n';
import { PageHeading } from '../../ui/page';

export default function Insights() {
  const { shell } = useText();
  return <PageHeading title={shell.insights} />;
}
