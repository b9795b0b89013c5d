// SPDX-License-Identifier: MIT
// What the server tells everybody about itself.
import { useQuery } from '@tanstack/preact-query';
import { get } from '../../api/client';

export interface ServerFacts {
  name: string;
  version: string;
  uptimeSeconds: number;
  registration?: 'open' | 'closed';
}

export const useServer = () => useQuery({ queryKey: ['server'], queryFn: ({ signal }) => get<ServerFacts>('/whoami', signal), staleTime: 60_000 });
