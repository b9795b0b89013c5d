// SPDX-License-Identifier: MIT
// Bringing a collection in.
import { useText } from '../../i18n';
import { PageHeading } from '../../ui/page';

export default function Import(_: { job?: string | undefined }) {
  const { shell } = useText();
  return <PageHeading title={shell.import} />;
}
