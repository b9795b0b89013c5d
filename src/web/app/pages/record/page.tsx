// SPDX-License-Identifier: MIT
// A record.
import { useText } from '../../i18n';
import { PageHeading } from '../../ui/page';

export default function RecordPage(_: { id: string }) {
  const { shell } = useText();
  return <PageHeading title={shell.records} />;
}
