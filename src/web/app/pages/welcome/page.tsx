// SPDX-License-Identifier: MIT
// The front page, for everybody.
import { useText } from '../../i18n';
import { PageHeading } from '../../ui/page';

export default function Welcome() {
  const { shell } = useText();
  return <PageHeading title={shell.home} />;
}
