// SPDX-License-Identifier: MIT
// Deleted records, to take back.
import { useText } from '../../i18n';
import { PageHeading } from '../../ui/page';

export default function Trash() {
  const { shell } = useText();
  return <PageHeading title={shell.records} />;
}
