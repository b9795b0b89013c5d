// SPDX-License-Identifier: MIT
// Writing a record.
import { useText } from '../../i18n';
import { PageHeading } from '../../ui/page';

export default function Editor(_: { id?: string }) {
  const { shell } = useText();
  return <PageHeading title={shell.add} />;
}
