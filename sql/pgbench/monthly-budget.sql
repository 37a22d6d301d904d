-- A random company and the sum of its campaigns' monthly budgets: one shard, one worker.
\set company random(1, 2000)
SELECT company.id, company.name, sum(campaign.monthly_budget) AS monthly_budget
FROM public.companies company
JOIN public.campaigns campaign ON campaign.company_id = company.id
WHERE company.id = :company
GROUP BY company.id, company.name;
