// SPDX-License-Identifier: MIT
// What somebody shared, for everybody.
import { useText } from '../../i18n';
import { PageHeading } from '../../ui/page';

export default function Shared(_: { token: string }) {
  const { shell } = useText();
  return <PageHeading title={shell.records} />;
}
