-- SPDX-License-Identifier: MIT
-- Searching a user's records: the words of a query are matched against the user's vocabulary (exactly, as a prefix for
-- the last, and with one letter wrong where there is no match), then records against the terms found, exactly.
--
-- The server sends folded words (codec/fold.h). A posting's weight says how much its term tells about the record:
-- artist and name before catalogue number, label, the rest; more the larger a part of its field the word is. A
-- record's score is the sum over the query's words; ties go to the record added last.

-- Above every text that begins like this one, in byte order.
create function records.after_prefix(prefix text) returns text
language sql immutable strict parallel safe as $$ select (prefix || chr(1114111)) collate "C" $$;

-- Whether two words that share a deletion differ by one letter more, less, other, or by two neighbours swapped.
create function records.one_edit(a text, b text) returns boolean
language plpgsql immutable strict parallel safe as $$
declare
	p int4 := 1;
begin
	while p <= length(a) and substr(a, p, 1) = substr(b, p, 1) loop
		p := p + 1;
	end loop;
	return substr(a, p + 1) = substr(b, p + 1) or substr(a, p + 1) = substr(b, p) or substr(a, p) = substr(b, p + 1)
		or (substr(a, p + 2) = substr(b, p + 2) and substr(a, p, 1) = substr(b, p + 1, 1)
		    and substr(a, p + 1, 1) = substr(b, p, 1));
end $$;

-- What a word of a query stands for: terms, each with the percentage of its weight that counts.
create type records.sought as (
	place int4,		-- in the query, from 1
	word text,
	terms text[],		-- null: nothing like it
	boosts int4[],
	df int8,		-- about how many records have one of the terms
	corrected text		-- what the word was taken for; null when it was taken as it is
);

-- Terms that begin like one of the prefixes but are not it, out of the postings themselves: numbers and the like are
-- not in the vocabulary.
create function records.posted_completions(p_uid int4, prefixes text[], out terms text[], out df int8)
language sql stable as $$
	select array_agg(x.term), sum(x.n)
	from (select p.term, count(*) as n
	      from unnest(prefixes) w (prefix),
		   lateral (select p.term from records.posting p
			    where p.uid = p_uid and p.term > w.prefix collate "C" and p.term < records.after_prefix(w.prefix)
			    limit 300) p
	      group by p.term order by n desc, p.term limit 24) x
$$;

-- More terms for a word, that count for so many percent.
create function records.sought_add(inout s records.sought, more text[], boost int4, df int8)
language sql immutable as $$
	select s.place, s.word, s.terms || more, s.boosts || array_fill(boost, array[cardinality(more)]), coalesce(s.df, 0) + df,
	       s.corrected
$$;

-- The i-th word of a query. The last one is also a prefix. Neighbours are also tried as one word (SHVL 804 = shvl804,
-- hip hop = hiphop). A word without a match is corrected; with `widen` every word may also be misspelt.
create function records.seek(p_uid int4, words text[], i int4, widen boolean) returns records.sought
language plpgsql stable as $$
declare
	n int4 := cardinality(words);
	word text collate "C" := words[i];
	has_digit boolean := word ~ '[0-9]';
	joined text[] := array_remove(array[words[i - 1] || word, word || words[i + 1]], null);
	open text[];	-- what may go on
	s records.sought := row(i, word, null, null, null, null);
	more record;
begin
	if has_digit then
		select count(*) as df into more
		from (select from records.posting p where p.uid = p_uid and p.term = word limit 1000) x;
	else
		select v.df::int8 as df into more from records.vocab v where v.uid = p_uid and v.term = word;
	end if;
	if more.df > 0 then
		s := records.sought_add(s, array[word], 100, more.df);
	end if;

	if n > 1 then
		select array_agg(w.term) as terms, sum(c.df)::int8 as df into more
		from unnest(joined) w (term),
		     lateral (select count(*) as df
			      from (select from records.posting p where p.uid = p_uid and p.term = w.term collate "C" limit 1000) x) c
		where c.df > 0;
		if more.terms is not null then
			s := records.sought_add(s, more.terms, 100, more.df);
		end if;
	end if;

	if i = n and not has_digit then
		select array_agg(c.term) as terms, array_agg(50 + 40 * length(word) / length(c.term)) as boosts,
		       sum(c.df) as df into more
		from (select v.term, v.df from records.vocab v
		      where v.uid = p_uid and v.term > word and v.term < records.after_prefix(word)
		      order by v.df desc, v.term limit 24) c;
		s.terms := s.terms || more.terms;
		s.boosts := s.boosts || more.boosts;
		s.df := coalesce(s.df, 0) + coalesce(more.df, 0);
	end if;
	if i >= n - 1 then
		open := case when i = n then array_append(joined, word) else joined end;
		open := array(select w from unnest(open) w where w ~ '[0-9]' or (i = n and w = word and s.terms is null));
		if cardinality(open) > 0 then
			select * into more from records.posted_completions(p_uid, open);
			if more.terms is not null then
				s := records.sought_add(s, more.terms, 80, more.df);
			end if;
		end if;
	end if;

	if (s.terms is null or widen) and not has_digit and length(word) >= 4 then
		select array_agg(x.term) as terms, sum(x.df)::int8 as df into more
		from (select v.term, max(v.df) as df
		      from records.deletions(word) d (del)
		      join records.sym y on y.uid = p_uid and y.del = d.del collate "C"
		      join records.vocab v on v.uid = p_uid and v.term = y.term
		      where y.term <> word and records.one_edit(word, y.term)
		      group by v.term order by df desc, v.term limit 4) x;
		if more.terms is not null then
			s.corrected := case when s.terms is null then more.terms[1] end;
			s := records.sought_add(s, more.terms, 80, more.df);
		end if;
	end if;
	return s;
end $$;

-- Records that have all the words, with their scores; beginning from the rarest word, of which the newest `most` records
-- are looked at, shared out where it stands for many terms. Words that stand for nothing are left out. `whole` says that
-- nothing can have been cut off: seek looks at 300 postings at least, and from there on only the vocabulary's counts are
-- exact.
create function records.match_all(p_uid int4, words records.sought[], most int4, out rids int4[], out scores int4[],
				  out whole boolean)
language plpgsql stable as $$
declare
	s records.sought;
	is_first boolean := true;
begin
	for s in select * from unnest(words) w where w.terms is not null order by w.df loop
		if is_first then
			select array_agg(x.rid), array_agg(x.score),
			       s.df <= most / cardinality(s.terms) and (s.df < 300 or s.df =
					(select sum(v.df) from records.vocab v where v.uid = p_uid and v.term = any (s.terms)))
			into rids, scores, whole
			from (select p.rid, max(p.weight * t.boost / 100) as score
			      from unnest(s.terms, s.boosts) t (term, boost),
				   lateral (select p.rid, p.weight from records.posting p
					    where p.uid = p_uid and p.term = t.term collate "C" order by p.rid desc
					    limit case t.boost when 100 then most else most / cardinality(s.terms) end) p
			      group by p.rid) x;
			is_first := false;
		elsif cardinality(s.terms) = 1 and cardinality(rids) < s.df then
			select array_agg(c.rid), array_agg(c.score + p.weight * s.boosts[1] / 100) into rids, scores
			from unnest(rids, scores) c (rid, score)
			join records.posting p on p.uid = p_uid and p.term = s.terms[1] collate "C" and p.rid = c.rid;
		elsif cardinality(rids) * cardinality(s.terms) < s.df then
			select array_agg(x.rid), array_agg(x.score) into rids, scores
			from (select c.rid, c.score + max(p.weight * t.boost / 100) as score
			      from unnest(rids, scores) c (rid, score), unnest(s.terms, s.boosts) t (term, boost)
			      join lateral (select p.weight from records.posting p
					    where p.uid = p_uid and p.term = t.term collate "C" and p.rid = c.rid) p on true
			      group by c.rid, c.score) x;
		else
			select array_agg(x.rid), array_agg(x.score) into rids, scores
			from (select c.rid, c.score + max(p.weight * t.boost / 100) as score
			      from unnest(s.terms, s.boosts) t (term, boost)
			      join lateral (select p.rid, p.weight from records.posting p
					    where p.uid = p_uid and p.term = t.term collate "C") p on true
			      join unnest(rids, scores) c (rid, score) on c.rid = p.rid
			      group by c.rid, c.score) x;
		end if;
		exit when rids is null;
	end loop;
end $$;

-- Records that have any of the words, best first.
create function records.match_any(p_uid int4, words records.sought[], most int4, out rids int4[], out scores int4[])
language sql stable as $$
	select array_agg(x.rid), array_agg(x.score)
	from (select w.rid, sum(w.score)::int4 as score
	      from (select s.place, p.rid, max(p.weight * t.boost / 100) as score
		    from unnest(words) s, unnest(s.terms, s.boosts) t (term, boost),
			 lateral (select p.rid, p.weight from records.posting p
				  where p.uid = p_uid and p.term = t.term collate "C" order by p.rid desc limit most) p
		    group by s.place, p.rid) w
	      group by w.rid order by 2 desc, 1 desc limit most) x
$$;

-- What a query finds: all words, else all words as they may be misspelt, else any of them.
create function records.match(p_uid int4, p_words text[], most int4, out rids int4[], out scores int4[], out whole boolean,
			      out corrected text)
language plpgsql stable as $$
declare
	n int4 := cardinality(p_words);
	words records.sought[] := array(select records.seek(p_uid, p_words, i, false) from generate_series(1, n) i);
	wider records.sought[];
begin
	if exists (select from unnest(words) w where w.corrected is not null) then
		corrected := (select string_agg(coalesce(w.corrected, w.word), ' ' order by w.place) from unnest(words) w);
	end if;
	select m.rids, m.scores, m.whole into rids, scores, whole from records.match_all(p_uid, words, most) m;
	if rids is null and n > 1 and exists (select from unnest(words) w where w.terms is not null) then
		wider := array(select records.seek(p_uid, p_words, i, true) from generate_series(1, n) i);
		select m.rids, m.scores, m.whole into rids, scores, whole from records.match_all(p_uid, wider, most) m;
		if rids is null then
			select m.rids, m.scores, false into rids, scores, whole from records.match_any(p_uid, words, least(most, 500)) m;
		end if;
	end if;
end $$;

-- A page of what a query finds as a finished JSON array. `total` is null when counting would have cost more.
create function records.search(p_user uuid, p_words text[], p_phrase text, p_limit int4, p_offset int4)
returns table (docs text, total int8, corrected text)
language plpgsql stable set plan_cache_mode = force_generic_plan as $$
declare
	u int4 := (select uid from records.user_state where user_id = p_user);
	m record;
begin
	select * into m from records.match(u, p_words, 2000 + p_offset) x;
	return query
	with page as (
		select f.rid, row_number() over (order by f.score desc, f.rid desc) as place
		from (select x.rid, sum(x.score) as score
		      from (select * from unnest(m.rids, m.scores) c (rid, score)
			    union all
			    (select p.rid, p.weight from records.posting p
			     where p.uid = u and p.term = p_phrase collate "C" order by p.rid desc limit 1000)) x
		      group by x.rid) f
		order by f.score desc, f.rid desc
		limit p_limit offset p_offset
	)
	select '[' || coalesce(string_agg(d.doc, ',' order by page.place), '') || ']',
	       case when m.whole then cardinality(m.rids)::int8 when m.rids is null then 0 end, m.corrected
	from page join records.record_doc d on d.uid = u and d.rid = page.rid;
end $$;

-- Plain containment: the newest records whose artist, name, catalogue number or label has the folded text in it.
create function records.containing(p_user uuid, p_key text, p_limit int4, p_offset int4) returns text
language sql stable as $$
	select '[' || coalesce(string_agg(d.doc, ',' order by r.updated_at desc, r.id desc), '') || ']'
	from (select r.rid, r.updated_at, r.id from records.record r
	      where r.user_id = p_user and r.deleted_at is null and position(p_key in r.search_text) > 0
	      order by r.updated_at desc, r.id desc limit p_limit offset p_offset) r
	join records.user_state s on s.user_id = p_user
	join records.record_doc d on d.uid = s.uid and d.rid = r.rid
$$;

-- The numbers of the records a query finds; of all for one without words.
create function records.matching(p_user uuid, p_words text[]) returns table (rid int4)
language plpgsql stable rows 1000 as $$
begin
	if cardinality(p_words) = 0 then
		return query select r.rid from records.record r where r.user_id = p_user and r.deleted_at is null;
	else
		return query select unnest(m.rids)
			from records.user_state s, records.match(s.uid, p_words, 100000000) m where s.user_id = p_user;
	end if;
end $$;

-- {"format":[{"value","count"},…],"label":…,"year":…,"artist":…,"grade":…}, the most frequent `most` of each.
create function records.facets(p_user uuid, p_words text[], most int4) returns text
language plpgsql stable as $$
declare
	u int4 := (select uid from records.user_state where user_id = p_user);
begin
	return (
		with counts as (
			select k.kind, f.val, f.n
			from unnest(array['format', 'label', 'year', 'artist', 'grade']) k (kind),
			     lateral (select f.val, f.n from records.facet f
				      where cardinality(p_words) = 0 and f.uid = u and f.kind = k.kind
				      order by f.n desc, f.val limit most) f
			union all
			select x.kind, x.val, x.n
			from (select v.kind, v.val, count(*)::int4 as n,
				     row_number() over (partition by v.kind order by count(*) desc, v.val) as place
			      from records.matching(p_user, p_words) m
			      join records.record r on r.user_id = p_user and r.rid = m.rid,
			      lateral (values ('format', r.format), ('label', r.label), ('year', r.release_year::text),
					      ('artist', r.artist), ('grade', r.grade)) v (kind, val)
			      where cardinality(p_words) > 0 and v.val <> ''
			      group by v.kind, v.val) x
			where x.place <= most
		), lists as (
			select k.kind, k.place, coalesce(json_agg(json_build_object(
				'value', case when c.kind = 'year' then to_json(c.val::int4) else to_json(c.val) end, 'count', c.n)
				order by c.n desc, c.val) filter (where c.val is not null), '[]') as list
			from unnest(array['format', 'label', 'year', 'artist', 'grade']) with ordinality k (kind, place)
			left join counts c on c.kind = k.kind
			group by k.kind, k.place
		)
		select json_object_agg(kind, list order by place)::text from lists);
end $$;

-- {"n","min","p50","avg","p90","max"} of the prices paid for what a query finds, in exact decimals; percentiles lie
-- between the two nearest prices where they must.
create function records.price_stats(p_user uuid, p_words text[]) returns text
language sql stable as $$
	with prices as (
		select array_agg(r.price_paid order by r.price_paid) as p, round(avg(r.price_paid), 2) as mean, count(*) as n
		from records.matching(p_user, p_words) m
		join records.record r on r.user_id = p_user and r.rid = m.rid
		where r.price_paid is not null
	)
	select json_build_object('n', n, 'min', p[1],
		'p50', round(p[1 + (n - 1) / 2] + (p[least(n, 2 + (n - 1) / 2)] - p[1 + (n - 1) / 2]) * ((n - 1) % 2) / 2, 2),
		'avg', mean,
		'p90', round(p[1 + (n - 1) * 9 / 10] + (p[least(n, 2 + (n - 1) * 9 / 10)] - p[1 + (n - 1) * 9 / 10]) * ((n - 1) * 9 % 10) / 10, 2),
		'max', p[n])::text
	from prices
$$;

-- [{"term","hits","dist"},…]: artists or labels with a word that begins as asked for, or catalogue numbers that begin
-- so; the most frequent first. dist is how many words had to be corrected for it.
create function records.autocomplete(p_user uuid, p_field text, p_key text, p_words text[], k int4) returns text
language plpgsql stable as $$
declare
	u int4 := (select uid from records.user_state where user_id = p_user);
	prefix text collate "C" := case p_field when 'catalog' then array_to_string(p_words, '') else p_key end;
	dist int4 := 0;
begin
	if p_field = 'catalog' then
		return (
			select coalesce(json_agg(json_build_object('term', x.catalog_number, 'hits', x.n, 'dist', 0)
				order by x.n desc, x.catalog_number), '[]')::text
			from (select r.catalog_number, count(distinct r.rid) as n
			      from (select p.rid from records.posting p
				    where p.uid = u and p.term >= prefix and p.term < records.after_prefix(prefix) and p.fields & 4 > 0
				    limit 2000) p
			      join records.record r on r.user_id = p_user and r.rid = p.rid
			      group by 1 order by 2 desc, 1 limit k) x);
	end if;
	if not exists (select from records.completion c
		       where c.uid = u and c.kind = p_field and c.tail >= prefix and c.tail < records.after_prefix(prefix)) then
		select string_agg(coalesce(s.corrected, s.word), ' ' order by s.place), count(s.corrected) into prefix, dist
		from generate_series(1, cardinality(p_words)) i, records.seek(u, p_words, i, false) s;
	end if;
	return (
		select coalesce(json_agg(json_build_object('term', x.val, 'hits', x.n, 'dist', dist)
			order by x.n desc, x.val), '[]')::text
		from (select f.val, f.n
		      from (select distinct c.val from records.completion c
			    where c.uid = u and c.kind = p_field and c.tail >= prefix and c.tail < records.after_prefix(prefix)) c
		      join records.facet f on f.uid = u and f.kind = p_field and f.val = c.val
		      order by f.n desc, f.val limit k) x);
end $$;
