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
      WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND p.provolatile <> 'i'), '[]'),
  'roles', coalesce((SELECT json_agg(rolname) FROM pg_roles), '[]'),
  'own_roles', coalesce((SELECT json_agg(rolname) FROM pg_roles WHERE pg_has_role(oid, 'MEMBER')), '[]'),
  'enum_labels', coalesce((SELECT json_agg(json_build_array(n.nspname, t.typname, e.enumlabel)) FROM pg_enum e JOIN pg_type t ON t.oid = e.enumtypid
      JOIN pg_namespace n ON n.oid = t.typnamespace), '[]'),
  'used', coalesce((SELECT json_agg(DISTINCT json_build_array(found.kind, found.name)::jsonb) FROM (
      SELECT 'function' AS kind, p.proname::text AS name FROM pg_depend d JOIN pg_proc p ON p.oid = d.refobjid
        WHERE d.refclassid = 'pg_proc'::regclass AND d.deptype = 'n' AND p.oid >= 16384
      UNION ALL SELECT 'type', t.typname::text FROM pg_depend d JOIN pg_type t ON t.oid = d.refobjid
        WHERE d.refclassid = 'pg_type'::regclass AND d.deptype = 'n' AND t.oid >= 16384
          AND d.classid IN ('pg_proc'::regclass, 'pg_type'::regclass, 'pg_rewrite'::regclass, 'pg_operator'::regclass, 'pg_cast'::regclass)
      UNION ALL SELECT 'sequence', c.relname::text FROM pg_depend d JOIN pg_class c ON c.oid = d.refobjid
        WHERE d.refclassid = 'pg_class'::regclass AND c.relkind = 'S' AND d.deptype = 'n'
          AND d.classid IN ('pg_attrdef'::regclass, 'pg_proc'::regclass, 'pg_rewrite'::regclass)) found), '[]')
)::text
