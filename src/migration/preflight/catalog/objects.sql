SELECT json_build_object(
  'types', coalesce((SELECT json_agg(json_build_array(n.nspname, t.typname)) FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
      WHERE t.typtype IN ('e', 'd', 'r') OR (t.typtype = 'c' AND EXISTS (SELECT FROM pg_class c WHERE c.oid = t.typrelid AND c.relkind = 'c'))), '[]'),
  'schemas', coalesce((SELECT json_agg(nspname) FROM pg_namespace), '[]'),
  'extensions', coalesce((SELECT json_agg(extname) FROM pg_extension), '[]'),
  'available_extensions', coalesce((SELECT json_agg(name) FROM pg_available_extensions), '[]'),
  'casts', coalesce((SELECT json_agg(json_build_array(format_type(castsource, NULL), format_type(casttarget, NULL))) FROM pg_cast
      WHERE castcontext IN ('i', 'a')), '[]'),
  'volatile_functions', coalesce((SELECT json_agg(DISTINCT proname) FROM pg_proc WHERE provolatile = 'v'), '[]'),
  'own_functions', coalesce((SELECT json_agg(DISTINCT p.proname) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
      WHERE n.nspname NOT IN ('pg_catalog', 'information_schema')), '[]'),
  'looking_functions', coalesce((SELECT json_agg(DISTINCT p.proname) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
      WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND p.provolatile <> 'i'), '[]')
)::text
