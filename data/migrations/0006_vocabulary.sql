-- Vocabulary: the classes of zones and the types of credentials that a bureau starts with. Rows, not code: edit them.
-- Epidemic classes are off; their rules ended in December 2022. Sources: the domain notes of the project.
SET LOCAL search_path = baochang, public;

INSERT INTO credential_type (code, name_zh, name_en, default_max_age) VALUES
    ('key_goods_pass',       '重点物资运输车辆通行证', 'key goods pass', NULL),
    ('relief_pass',          '抢险救灾车辆通行凭证',   'relief vehicle pass', NULL),
    ('city_truck_pass',      '货车电子通行码',         'city truck pass', NULL),
    ('oversize_permit',      '超限运输车辆通行证',     'oversize permit', NULL),
    ('fresh_produce',        '鲜活农产品绿色通道预约', 'fresh produce booking', NULL),
    ('harvester_certificate', '跨区作业证',            'harvester certificate', NULL),
    ('hazmat_waybill',       '危险货物电子运单',       'hazardous goods waybill', interval '24 hours'),
    ('hazmat_route_permit',  '危险物品通行许可',       'hazardous goods route permit', NULL),
    ('livestock_certificate', '动物检疫证明',          'livestock quarantine certificate', interval '5 days'),
    ('disinfection',         '车辆清洗消毒证明',       'disinfection certificate', interval '24 hours'),
    ('event_pass',           '活动车辆证',             'event pass', NULL),
    ('responder',            '应急救援车辆',           'emergency responder', NULL),
    ('nucleic_acid',         '核酸检测阴性证明',       'nucleic-acid test result', interval '48 hours');

INSERT INTO zone_class (code, name_zh, name_en, hazard, ceiling, ceiling_spares, enabled, default_rules) VALUES
    ('EP-HIGH',   '高风险区、封控区',     'epidemic: high risk',        'epidemic', 'inform', '{}', false, '[{"rule":"through_only","open_classes":["motorway","trunk","primary","secondary"]}]'),
    ('EP-MID',    '中风险区、管控区',     'epidemic: medium risk',      'epidemic', 'inform', '{}', false, '[{"rule":"through_only","open_classes":["motorway","trunk","primary","secondary"]}]'),
    ('EP-LOW',    '低风险区、防范区',     'epidemic: low risk',         'epidemic', 'inform', '{}', false, '[{"rule":"caution"}]'),
    ('EP-STATIC', '静态管理、应急管理地区', 'epidemic: static management', 'epidemic', 'inform', '{}', false, '[{"rule":"gated","open_classes":["motorway","trunk"]}]'),
    ('FL-CUT',    '淹没、水毁、塌方',     'flood: road cut',            'flood', 'deny', '{}', true, '[{"rule":"closed"}]'),
    ('FL-RISK',   '山洪、地质灾害危险区', 'flood: flash flood and landslide risk', 'flood', 'deny', '{}', true, '[{"rule":"caution","slow_factor":1.5}]'),
    ('FL-DET',    '蓄滞洪区启用',         'flood: detention area in use', 'flood', 'deny', '{}', true, '[{"rule":"closed"}]'),
    ('WX-1',      '恶劣天气一级管控',     'weather: grade 1',           'weather', 'deny', '{}', true, '[{"rule":"closed"}]'),
    ('WX-2',      '恶劣天气二级管控',     'weather: grade 2',           'weather', 'deny', '{}', true, '[{"rule":"caution","slow_factor":2}]'),
    ('WX-3',      '恶劣天气三级管控',     'weather: grade 3',           'weather', 'deny', '{}', true, '[{"rule":"caution","slow_factor":1.4}]'),
    ('HZ-HOT',    '危化品事故隔离区',     'hazmat accident: isolation area', 'hazmat', 'deny', '{}', true, '[{"rule":"closed"}]'),
    ('HZ-WARM',   '疏散警戒区',           'hazmat accident: evacuation area', 'hazmat', 'deny', '{}', true, '[{"rule":"gated","transit":"deny"}]'),
    ('HM-STAND',  '危险货物常设限行区',   'hazardous goods: standing ban', 'hazmat', 'allow', '{hazmat}', true, '[{"rule":"closed","subject":{"hazmat":true},"exempt":["hazmat_route_permit"]}]'),
    ('HM-TIME',   '危险货物限时',         'hazardous goods: banned hours', 'hazmat', 'allow', '{hazmat}', true, '[{"rule":"closed","subject":{"hazmat":true}}]'),
    ('AD-SPOT',   '动物疫点',             'animal disease: spot',       'animal_disease', 'deny', '{}', true, '[{"rule":"closed"}]'),
    ('AD-EPI',    '动物疫区',             'animal disease: infected area', 'animal_disease', 'gate', '{livestock}', true, '[{"rule":"closed","subject":{"livestock":true}},{"rule":"gated"}]'),
    ('AD-BUF',    '受威胁区',             'animal disease: buffer area', 'animal_disease', 'inform', '{livestock}', true, '[{"rule":"gated","subject":{"livestock":true}},{"rule":"caution"}]'),
    ('EV-CORE',   '活动核心区',           'event: core',                'event', 'deny', '{}', true, '[{"rule":"closed","exempt":["event_pass"]}]'),
    ('EV-CTRL',   '活动管控区',           'event: controlled area',     'event', 'penalise', '{}', true, '[{"rule":"caution","slow_factor":1.5}]'),
    ('AQ-CITY',   '重污染天气城区限货',   'pollution: city truck ban',  'pollution', 'deny', '{}', true, '[{"rule":"destination_only","subject":{"lorry":true,"emissions":["0","1","2","3","4"]},"open_classes":["motorway"]}]'),
    ('RW-CLOSE',  '施工封闭',             'roadworks: closed',          'roadworks', 'deny', '{}', true, '[{"rule":"closed"}]'),
    ('CT-BAN',    '城市货车禁行',         'city truck ban',             'city_traffic', 'deny', '{}', true, '[{"rule":"closed","subject":{"lorry":true},"exempt":["city_truck_pass"]}]'),
    ('CT-TIME',   '城市货车限时',         'city truck hours',           'city_traffic', 'deny', '{}', true, '[{"rule":"closed","subject":{"lorry":true},"exempt":["city_truck_pass"]}]'),
    ('SEC',       '其他管制',             'other control',              'security', 'deny', '{}', true, '[{"rule":"closed"}]');
