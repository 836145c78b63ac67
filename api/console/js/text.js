// Every text of the console, in Chinese and English. One catalogue; nothing else holds words.
export const catalogue = {
  product: ['保畅', 'baochang'],
  skip_to_panel: ['跳到操作面板', 'Skip to the panel'],
  switch_language: ['English', '中文'],
  views: ['视图', 'Views'],
  tab_route: ['路线', 'Route'],
  tab_rules: ['管控', 'Rules'],
  tab_screen: ['一屏掌控', 'One screen'],
  map: ['地图', 'Map'],
  map_menu: ['这个位置', 'This place'],
  zoom_in: ['放大', 'Zoom in'],
  zoom_out: ['缩小', 'Zoom out'],
  cancel: ['取消', 'Cancel'],
  close: ['关闭', 'Close'],
  working: ['正在处理…', 'Working…'],

  // signing in
  sign_in: ['登录', 'Sign in'],
  sign_out: ['退出登录', 'Sign out'],
  key: ['密钥', 'Key'],
  key_note: ['密钥只保存在本标签页，关闭即失效。', 'The key is kept in this tab only, and gone when it closes.'],
  welcome: ['已登录：{name}', 'Signed in: {name}'],
  role_viewer: ['查看', 'viewer'], role_company: ['企业', 'company'], role_officer: ['检查点人员', 'officer'],
  role_planner: ['拟稿', 'planner'], role_approver: ['批准', 'approver'], role_admin: ['管理', 'administrator'],

  // route: the form
  route_title: ['闭环路线', 'Closed-loop route'],
  route_title_one: ['点对点路线', 'Point-to-point route'],
  click_hint: ['点地图选起点和终点，或输入地名、道路、桩号（G40 K1050+500）、“经度, 纬度”。图钉可拖动。', 'Click the map for origin and destination, or type a place, a road, a stake (G40 K1050+500) or “lon, lat”. Pins can be dragged.'],
  place_hint: ['地名、道路桩号或经度, 纬度', 'place, road, stake or lon, lat'],
  kind_stake: ['桩号', 'stake'], stake_up: ['桩号递增方向', 'stakes growing'], stake_down: ['桩号递减方向', 'stakes falling'], stake_both: ['双向', 'both ways'],
  found: ['搜索结果', 'Found'],
  nothing_found: ['没有找到', 'Nothing found'],
  origin: ['起点', 'Origin'], destination: ['终点', 'Destination'], stop: ['途经点', 'Stop'],
  short_origin: ['起', 'A'], short_destination: ['终', 'B'],
  stop_n: ['途经点 {n}', 'Stop {n}'],
  add_stop: ['＋ 添加途经点', '＋ Add a stop'],
  remove_stop: ['删除这个途经点', 'Remove this stop'],
  stay_min: ['停留（分钟）', 'Stay (minutes)'],
  swap: ['起终点互换', 'Swap the ends'],
  set_origin: ['设为起点', 'Start here'], set_stop: ['加为途经点', 'Call here'], set_destination: ['设为终点', 'Go here'],
  vehicle: ['车型', 'Vehicle'],
  depart: ['出发时间', 'Departure'],
  loop: ['返回起点（闭环）', 'Return to origin (loop)'],
  hazmat: ['危险货物', 'Hazardous goods'],
  livestock: ['运输活畜禽', 'Livestock'],
  more_limits: ['车辆尺寸、重量与号牌', 'Size, weight and plate'],
  more_options: ['偏好与等待', 'Preferences and waiting'],
  credentials: ['持有凭证', 'Credentials held'],
  issued: ['签发时间', 'Issued'],
  valid_until: ['有效期至', 'Valid until'],
  plate: ['号牌', 'Plate'],
  emission: ['排放阶段', 'Emission stage'],
  emission_unknown: ['未知', 'unknown'], emission_new_energy: ['新能源', 'new energy'], emission_n: ['国 {n}', 'stage {n}'],
  prefer: ['优先', 'Prefer'], prefer_time: ['时间最短', 'time'], prefer_distance: ['里程最短', 'distance'], prefer_cost: ['费用最低', 'cost'],
  max_wait: ['最多等待（分钟）', 'Longest wait (min)'],
  alternatives: ['备选方案', 'Alternatives'],
  no_alternatives: ['闭环行程不提供备选方案', 'Loops have no alternatives'],
  outside: ['禁入区内的点移到最近的区外', 'Move calls in closed areas to the nearest place outside'],
  height: ['高', 'Height'], width: ['宽', 'Width'], length: ['长', 'Length'], weight: ['总重', 'Gross'], axle_load: ['轴重', 'Axle load'],
  go: ['规划路线', 'Plan the route'],
  clear: ['清除', 'Clear'],

  // route: the answer
  planning: ['正在规划…', 'Planning…'],
  empty: ['选好起点和终点，这里显示合规路线、经过的卡点和时间。', 'Choose two ends: the lawful route, its gates and times appear here.'],
  distance: ['里程', 'Distance'],
  duration: ['全程用时', 'Time in all'],
  tolls: ['通行费', 'Tolls'],
  drive_part: ['行驶 {t}', 'driving {t}'],
  wait_part: ['等待 {t}', 'waiting {t}'],
  issuable: ['可签发', 'can be issued'],
  not_issuable: ['不可签发', 'cannot be issued'],
  best: ['推荐', 'Best'],
  alternative_n: ['备选 {n}', 'Other {n}'],
  leg: ['第 {n} 段', 'Leg {n}'],
  steps: ['逐步指引（{n}）', 'Steps ({n})'],
  gate_enter: ['经 {name} 进入，{time}，查验 {s} 秒', 'enter by {name} at {time}, inspection {s} s'],
  gate_exit: ['经 {name} 离开，{time}，查验 {s} 秒', 'leave by {name} at {time}, inspection {s} s'],
  gate_wait: ['等待 {t}', 'wait {t}'],
  green_channel: ['绿色通道', 'green channel'],
  tag_gate: ['卡点', 'gate'], tag_zone: ['管控区', 'zone'], tag_limit: ['限制', 'limit'], tag_warn: ['提示', 'note'],
  limit_line: ['{kind}：限 {limit}，本车 {vehicle}，{road}', '{kind}: limit {limit}, vehicle {vehicle}, {road}'],
  snapped: ['{name}：落到 {m} 米外的 {road}', '{name}: moved {m} m to {road}'],
  why_button: ['为什么这样走', 'Why this way'],
  why_longer: ['哪些规则让路线变长', 'What makes it longer'],
  effect_forbids: ['禁止', 'forbids'], effect_slows: ['减速', 'slows'], effect_inspects: ['查验', 'inspects'], effect_waits: ['等待', 'waits'],
  compare: ['比较车型与凭证', 'Compare'],
  compare_title: ['同一行程，与第一项相比（点名称在地图上看路线）', 'The same journey, held against the first (click a name to see its way)'],
  by_vehicles: ['按车型', 'By vehicle'], by_credentials: ['按凭证', 'By credential'], variant: ['条件', 'With'],
  as_asked: ['现在的条件（{name}）', 'as asked ({name})'], no_credentials: ['不持凭证', 'without credentials'], with_credential: ['加持：{name}', 'with {name} as well'],
  opens_to_it: ['多放行：', 'open to this one:'], stops_it: ['受限于：', 'stopped by:'],
  copy_link: ['复制链接', 'Copy link'],
  link_copied: ['链接已复制，打开即重现这个问题。', 'Copied: the link asks the same question.'],
  link_in_bar: ['请从地址栏复制链接。', 'Copy the link from the address bar.'],
  download: ['下载 GeoJSON', 'Download GeoJSON'],
  keep: ['存档', 'Keep the plan'],
  kept: ['已存档：{id}', 'Kept: {id}'],
  keep_not: ['接驳行程不能存档', 'Journeys with a relay are not kept'],
  save_as: ['保存为 {form}', 'Save as {form}'],
  rests: ['连续驾驶超时安排休息', 'Plan the rests that driving times ask for'],
  relay: ['不能直达时安排接驳', 'By a transfer station where no direct trip is lawful'], no_relay: ['接驳只用于没有途经点的单程', 'one way and without stops only'],
  relay_title: ['接驳', 'Relay'], relay_why: ['不能直达：{why}', 'No direct trip: {why}'], relay_line: ['{arrive} 到，换车 {t}，{depart} 出发', 'arrive {arrive}, hand over in {t}, leave {depart}'],
  rest_line: ['{name}，{from} 起休息 {t}', '{name}, {t} from {from}'], tag_rest: ['休息', 'rest'], short_rest: ['休', 'R'], short_relay: ['接', 'T'],
  order: ['优化途经点顺序', 'Choose the order of the stops'],
  no_route: ['没有合规路线', 'No lawful route'], not_planned: ['暂时无法规划', 'Cannot plan at the moment'],
  conflicts: ['阻断的规则', 'Rules in the way'],
  unnamed_rule: ['未命名规则', 'unnamed rule'],
  relaxed: ['地图上的虚线是放宽这些规则后的路线，不可签发。', 'The dashed line is the route if these rules were lifted; it cannot be issued.'],
  cut_note: ['红色实线：车辆被挡住的 {n} 处道路（图上 {given} 处）。', 'Solid red: the {n} roads where the vehicle is held up ({given} shown).'],
  unreachable: ['服务没有响应，正在重试。', 'The service does not answer; trying again.'],
  offline: ['网络已断开，显示的是最后一次收到的数据。', 'Offline: what is shown was last received.'],
  database_away: ['数据库暂时不可用，规则已 {age} 未更新。', 'The database is away; the rules are {age} old.'],

  // map
  legend: ['图例', 'Legend'],
  legend_closure: ['道路管制', 'road closure or limit'], legend_checkpoint: ['检查点（空心：未开放）', 'checkpoint (hollow: not open)'],
  legend_plan: ['合规路线', 'lawful route'], legend_later: ['此刻未生效', 'not in force then'],
  schematic: ['示意路网，非测绘成果', 'Schematic network, not a survey map'],
  versions: ['路网 {network} · 规则 {rules}', 'network {network} · rules {rules}'],
  state_live: ['规则版本 {version}', 'rules version {version}'],
  state_stale: ['规则版本 {version}，已 {age} 未更新', 'rules version {version}, {age} old'],
  state_down: ['服务不可用', 'service unavailable'],
  in_force: ['现行有效', 'in force'], not_in_force: ['现未生效', 'not in force'],
  open_now: ['开放中', 'open'], closed_now: ['未开放', 'not open'],
  document: ['文号', 'Document no.'],
  checkpoint: ['检查点', 'Checkpoint'],
  opening: ['查验 {n} 秒，绿色通道 {g} 秒', 'inspection {n} s, green channel {g} s'],
  closed: ['封闭', 'closed'], gated: ['卡点通行', 'through checkpoints'], through_only: ['只过不停', 'through only'],
  destination_only: ['仅限到达', 'destination only'], caution: ['谨慎通行', 'caution'],
  action_closed: ['封闭', 'closed'], action_entry_ban: ['禁止上站', 'no entry'], action_exit_ban: ['禁止下站', 'no exit'], action_limit: ['限制', 'limit'],
  action_speed_limit: ['限速', 'speed limit'], action_no_stopping: ['禁止停车', 'no stopping'],

  // rules
  rules_title: ['管控与管制', 'Zones, closures and checkpoints'],
  rules_hint: ['登录后可以起草、提交、批准和解除。', 'Sign in to draw, submit, approve and lift.'],
  kind_of_zones: ['管控区', 'Zones'], kind_of_closures: ['道路管制', 'Closures'], kind_of_checkpoints: ['检查点', 'Checkpoints'], kind_of_notices: ['公告', 'Notices'],
  filter_words: ['按名称筛选', 'Filter by name'],
  all_states: ['全部状态', 'All states'], all_classes: ['全部类别', 'All classes'], all_counties: ['全部县区', 'All counties'],
  state_draft: ['草稿', 'draft'], state_submitted: ['待批准', 'waiting'], state_approved: ['已批准', 'approved'], state_active: ['启用', 'active'], state_lifted: ['已解除', 'lifted'],
  state_closed: ['已停用', 'closed'], state_expired: ['已到期', 'expired'], state_rejected: ['已退回', 'rejected'],
  count_of: ['{n} 项，{at}生效 {on} 项', '{n}, {on} of them in force {at}'],
  not_all: ['数量太多，未全部读取', 'too many: not all were read'],
  first_shown: ['显示前 {n} 项', 'the first {n} are shown'],
  until_moment: ['至 {t}', 'until {t}'],
  download_layer: ['下载全部：', 'Download all:'],
  back_to_list: ['← 返回列表', '← Back to the list'],
  moment: ['查看的时刻', 'Moment to look at'],
  now: ['现在', 'now'],
  name: ['名称', 'Name'], class: ['类别', 'Class'], rule: ['规则', 'Rule'], rules: ['规则', 'Rules'], county: ['县区', 'County'], jurisdiction: ['县区', 'County'], from: ['开始', 'From'], until: ['结束', 'Until'],
  hours: ['时段', 'Hours'], windows: ['时段', 'Hours'], state: ['状态', 'State'], action: ['措施', 'Measure'], cause: ['原因', 'Cause'], where: ['路段', 'Where'], subject: ['对象', 'For'],
  road: ['道路', 'Road'], inspection: ['查验', 'Inspection'], capacity: ['通行能力', 'Capacity'], opening_hours: ['开放时段', 'Opening hours'], note: ['备注', 'Note'],
  authority: ['发布单位', 'Issued by'], approved_by: ['批准单位', 'Approved by'], limit_of: ['限值', 'Limit'], accuracy: ['精度（米）', 'Accuracy (m)'], accuracy_m: ['精度', 'Accuracy'],
  limit_gross_weight: ['总重（吨）', 'gross (t)'], limit_height: ['高（米）', 'height (m)'], limit_width: ['宽（米）', 'width (m)'], limit_length: ['长（米）', 'length (m)'],
  limit_axle_load: ['轴重（吨）', 'axle load (t)'], limit_axles: ['轴数', 'axles'], limit_bridge: ['桥梁（吨）', 'bridge (t)'],
  per_hour: ['每小时 {n} 辆', '{n} an hour'],
  until_further: ['另行通知为止', 'until further notice'],
  subject_hazmat: ['危险货物', 'hazardous goods'], subject_livestock: ['活畜禽', 'livestock'], subject_lorry: ['货车', 'lorries'],
  subject_from_t: ['{t} 吨及以上', '{t} t and above'], subject_to_t: ['{t} 吨及以下', 'up to {t} t'], subject_axles: ['{n} 轴及以上', '{n} axles and above'], subject_emissions: ['排放 {list}', 'emission {list}'],
  open_classes: ['开放 {list}', 'open: {list}'], class_motorway: ['高速', 'motorway'], class_trunk: ['国道', 'trunk'], class_primary: ['省道', 'primary'], class_secondary: ['县道', 'secondary'],
  transit_deny: ['不准穿行', 'no through traffic'], slow: ['按 {x} 倍时间', 'at {x} times the time'], plate_tails: ['尾号 {list}', 'plates ending in {list}'],
  acts: ['办理经过', 'What was done'],
  act_create: ['起草', 'drawn'], act_replace: ['修改', 'changed'], act_submit: ['提交', 'submitted'], act_approve: ['批准', 'approved'], act_reject: ['退回', 'rejected'], act_lift: ['解除', 'lifted'], act_delete: ['删除', 'deleted'],
  do_edit: ['修改', 'Edit'], do_submit: ['提交', 'Submit'], do_approve: ['批准', 'Approve'], do_reject: ['退回', 'Reject'], do_lift: ['解除', 'Lift'], do_delete: ['删除', 'Delete'], do_history: ['历史版本', 'History'],
  act_done: ['{name}：已{act}', '{name}: {act}'],
  opinion: ['意见', 'Opinion'], approving_authority: ['批准单位', 'Approving authority'],
  version_n: ['版本 {n}', 'version {n}'],
  show_on_map: ['在地图上看', 'Show on the map'],

  // drawing
  new_zone: ['新建管控区', 'New zone'], edit_zone: ['修改管控区', 'Edit the zone'],
  new_checkpoint: ['新建检查点', 'New checkpoint'], edit_checkpoint: ['修改检查点', 'Edit the checkpoint'],
  checkpoint_hint: ['点地图放置检查点，可拖动，或直接输入坐标。', 'Click the map to put it down; drag it, or type its coordinates.'],
  place_of: ['位置', 'Place'], lon_lat: ['经度, 纬度', 'lon, lat'], kind_of: ['性质', 'Kind'], stands: ['设置在', 'Stands'],
  inspection_s: ['查验（秒）', 'Check (s)'], green_of_s: ['绿色通道（秒）', 'Green (s)'], capacity_of: ['每小时（辆）', 'An hour'],
  gates_of: ['放行的管控区', 'Opens'], no_gated_zone: ['目前没有“卡点通行”的管控区。', 'There is no zone that is entered through checkpoints.'], direction: ['方向', 'direction'],
  gate_both_only: ['双向', 'both ways'], gate_enter_only: ['只进', 'in only'], gate_exit_only: ['只出', 'out only'],
  credentials_asked: ['凭证要求', 'Credentials asked for'], credential: ['凭证', 'Credential'], asked_for: ['须持', 'Asked'], age_h: ['时限（小时）', 'Age (h)'], any_age: ['不限', 'any'],
  alternatives_kept: ['有多组可选要求，此处保持不变。', 'There are alternatives: they stay as they are.'], hours_kept: ['开放时段较复杂，此处保持不变。', 'The opening hours stay as they are.'],
  place_first: ['请先在地图上放置检查点。', 'Put the checkpoint on the map first.'],
  checkpoint_police: ['公安查控', 'police'], checkpoint_epidemic: ['疫情防控', 'epidemic'], checkpoint_animal_quarantine: ['动物检疫', 'animal quarantine'], checkpoint_overload: ['治超', 'overload'],
  checkpoint_factory_gate: ['厂门', 'factory gate'], checkpoint_customs: ['海关', 'customs'], checkpoint_weather: ['气象', 'weather'], checkpoint_emission: ['环保', 'emission'], checkpoint_temporary: ['临时', 'temporary'],
  stands_trunk_road: ['国省道', 'on a trunk road'], stands_county_road: ['县乡道', 'on a county road'], stands_toll_plaza_outside: ['收费站外', 'outside a toll plaza'], stands_expressway_main: ['高速主线', 'on an expressway'],
  stands_village_entry: ['村口', 'at a village'], stands_facility_gate: ['单位门口', 'at a gate of a firm'], stands_port_gate: ['港口大门', 'at a port'], stands_service_area: ['服务区', 'in a service area'],
  new_closure: ['新建道路管制', 'New closure'], from_station: ['起始站', 'From station'], to_station: ['终止站', 'To station'], value: ['数值', 'Value'],
  draw_hint: ['在地图上逐点画，双击或点回起点完成；拖动顶点修改，选中后按 Delete 删除。', 'Click point by point; double-click or click the first point to finish. Drag vertices; Delete removes the chosen one.'],
  drawing: ['绘制', 'Drawing'], finish_ring: ['完成', 'Finish'], remove_vertex: ['删除顶点', 'Remove vertex'], add_part: ['加一块', 'Add a part'], draw_again: ['重画', 'Draw again'],
  rule_of_class: ['按类别默认', 'As the class says'], rule_kept: ['保持原规则', 'As it is'], class_off: ['未启用', 'off'],
  county_none: ['不限', 'none'],
  only_hours: ['只在部分时段生效', 'Only at certain hours'], hours_from: ['每天从', 'Daily from'], hours_until: ['到', 'Daily until'], weekdays: ['星期', 'Weekdays'],
  day_1: ['一', 'Mo'], day_2: ['二', 'Tu'], day_3: ['三', 'We'], day_4: ['四', 'Th'], day_5: ['五', 'Fr'], day_6: ['六', 'Sa'], day_7: ['日', 'Su'],
  area_as_text: ['坐标', 'Coordinates'], coordinates: ['顶点', 'Vertices'],
  coordinates_hint: ['每行“经度, 纬度”；单独一行“-”后为洞，空行后为另一块。', 'A line each, “lon, lat”; after a line “-” comes a hole, after an empty line another part.'],
  import_file: ['导入 GeoJSON', 'Import GeoJSON'],
  import_zones: ['导入文件', 'Import a file'], import_hint: ['Shapefile（zip）、GeoPackage 或 GeoJSON，最多 5000 块；先试算，确认后一次全部存为草稿。', 'Shapefile (zip), GeoPackage or GeoJSON, up to 5000 areas: looked at first, then all made as drafts at once.'],
  import_chosen: ['文件', 'File'], import_own_class: ['按文件所写', 'As the file says'], import_more: ['字段与坐标', 'Fields and coordinates'], import_name_field: ['名称字段', 'Field of names'], import_class_field: ['类别字段', 'Field of classes'],
  import_layer: ['图层', 'Layer'], import_crs: ['坐标系（EPSG）', 'CRS (EPSG)'], import_encoding: ['字符编码', 'Encoding'], import_as_said: ['按文件所写', 'As the file says'], import_type: ['请选择 .zip、.gpkg 或 .geojson 文件。', 'Choose a .zip, .gpkg or .geojson file.'],
  import_understood: ['识别出 {n} 块区域，{bad} 块有错误', '{n} areas understood, {bad} with errors'], import_left: ['另有 {n} 项未列出。', '{n} more are not listed.'], import_feature: ['第 {n} 块：{why}', 'Area {n}: {why}'],
  import_make: ['存为 {n} 份草稿', 'Make {n} drafts'], import_made: ['已存为 {n} 份草稿', '{n} drafts made'],
  no_area: ['文件里没有多边形', 'there is no polygon in the file'], areas_read: ['读入 {n} 块区域', '{n} areas read'], file_unreadable: ['文件无法读取：{why}', 'The file cannot be read: {why}'],
  unnamed: ['未命名', 'unnamed'],
  area_first: ['请先在地图上画出区域。', 'Draw the area on the map first.'],
  findings: ['检查结果', 'Findings'], no_errors: ['没有发现错误。', 'No errors found.'],
  severity_error: ['错误', 'error'], severity_warning: ['注意', 'warning'], severity_info: ['说明', 'note'],
  effects: ['如果批准', 'If it were approved'],
  route_then: ['当前路线：{t}，{m}（地图上紫色虚线）', 'the route asked for: {t}, {m} (purple dashes)'],
  route_then_same: ['当前路线不受影响。', 'The route asked for stays as it is.'],
  route_then_none: ['当前路线将无法通行：{why}', 'The route asked for would be gone: {why}'],
  plans_then: ['已存路线 {all} 条：绕行 {detour}，中断 {broken}。', 'Of {all} kept plans {detour} detour and {broken} break.'],
  lanes_then: ['企业线路 {all} 条：绕行 {detour}，中断 {broken}。', 'Of {all} lanes of enterprises {detour} detour and {broken} break.'],
  impact_broken: ['中断', 'broken'],
  impact_detour: ['绕行', 'detour'],
  impact_opened: ['恢复', 'opened'],
  places_then: ['{n} 处设施将无法到达。', '{n} places would be cut off.'],
  save_draft: ['存为草稿', 'Save the draft'],
  draft_saved: ['草稿已保存：{name}', 'Draft saved: {name}'],

  // notices
  notice_text: ['路警公告', 'Notice of the road police'], notice_hint: ['粘贴公告全文，例如：因降雪，禁止所有车辆上站的路段有：沪陕高速：内乡站至西坪站；', 'Paste the whole notice (they come in Chinese).'],
  notice_read: ['识别公告', 'Read the notice'], notice_key: ['登录后可以粘贴公告，转成管制草稿。', 'Sign in to turn a notice into draft closures.'],
  notice_number: ['公告编号', 'Number of a notice'], notice_open: ['打开', 'Open'], notice_id: ['编号 {id}', 'number {id}'],
  notice_head: ['措施与原因', 'measure and cause'], notice_drafts: ['识别出 {n} 条管制', '{n} closures understood'], notice_not: ['{n} 处没有识别', '{n} parts not understood'],
  notice_all: ['公告中的 {n} 条管制', 'the {n} closures of the notice'],
  notice_no_head: ['缺少措施', 'no measure'], notice_head_unclear: ['措施不明', 'measure unclear'], notice_line_unclear: ['语句不明', 'line unclear'], notice_item_unclear: ['路段不明', 'item unclear'],
  notice_road_unknown: ['道路未知', 'road unknown'], notice_station_unknown: ['站名未知', 'station unknown'], notice_buses_only: ['只涉及客车', 'buses only'],

  // one screen
  screen_title: ['一屏掌控', 'One screen'],
  age_connected: ['数据实时：规则版本 {version}，发布于 {at}', 'Live: rules version {version}, published {at}'], age_away: ['数据库断开 {age}，规则版本 {version}，发布于 {at}', 'Database away for {age}: rules version {version}, published {at}'],
  zones_on: ['生效管控区', 'zones in force'], closures_on: ['生效管制', 'closures in force'], gates_open: ['开放检查点', 'checkpoints open'],
  plans_active: ['有效路线', 'plans kept'], plans_broken: ['中断的路线', 'broken plans'], plans_kept: ['已存路线', 'Kept plans'], plans_none: ['没有已存路线。', 'No plans are kept.'], plan_active: ['有效', 'valid'],
  replan: ['重新规划', 'Plan again'], replanned: ['已按现行规则重新规划。', 'Planned again under the rules in force.'], plan_no_shape: ['这条路线没有保存图形。', 'No shape was kept with this plan.'],
  in_emergency: ['应急中', 'in emergency'], drill_of: ['演练：{name}', 'Drill: {name}'], drill_line: ['{name}：平时 {now}，应急 {then}', '{name}: now {now}, then {then}'], no_demands: ['方案没有列出运输需求。', 'The plan lists no demands.'],
  drill_note: ['演练不发布任何规则。', 'A drill publishes nothing.'], drilled_at: ['上次演练 {t}', 'drilled {t}'],
  member_zone: ['管控区', 'zone'], member_checkpoint: ['检查点', 'checkpoint'], member_closure: ['管制', 'closure'], member_facility: ['设施', 'facility'],
  county_plans: ['平急转换方案', 'County emergency plans'], plan_draft: ['草稿', 'draft'], plan_submitted: ['待批准', 'waiting'], plan_rejected: ['已退回', 'rejected'], plan_prepared: ['备用', 'prepared'],
  plan_retired: ['停用', 'retired'], do_drill: ['演练', 'Drill'], do_activate: ['转入应急', 'Switch to emergency'], 'do_stand-down': ['转回平时', 'Stand down'], switched: ['已转换：{name}', 'Switched: {name}'],
  verdict_unaffected: ['不受影响', 'unaffected'], verdict_detour: ['绕行', 'detour'], verdict_eased: ['更顺畅', 'eased'], verdict_opened: ['已打通', 'opened'], verdict_broken: ['中断', 'broken'], verdict_impossible: ['不可能', 'impossible'], broken: ['中断', 'broken'],
  waiting: ['等待批准', 'Waiting for approval'], waiting_n: ['待批准', 'waiting'], waiting_none: ['没有待批准的事项。', 'Nothing is waiting.'],
  changes: ['今日变化与未来 24 小时', 'Today and the next 24 hours'], changes_none: ['今天没有变化，未来 24 小时没有到期。', 'Nothing changed today, nothing begins or ends within a day.'],
  began: ['今日生效', 'began'], begins: ['即将生效', 'begins'], ended: ['今日结束', 'ended'], ends: ['即将结束', 'ends'], published: ['发布', 'published'],
  screen_key: ['登录后显示受影响的路线和待批准事项。', 'Sign in to see affected plans and what waits for approval.'],
  new_county_plan: ['新建方案', 'New plan'], edit_county_plan: ['修改平急转换方案', 'Edit the county plan'], county_hint: ['列出应急时整体启用的管控区、检查点、管制和设施；方案须经他人批准，启用另有命令。', 'What is switched on together in an emergency. Somebody else approves it; switching it on is an order of its own.'],
  county_again: ['修改后须重新提交和批准。', 'Once changed it has to be submitted and approved again.'], county_members: ['整体启用', 'Switched on together'], county_members_none: ['请至少列入一项。', 'List at least one.'], county_no_member: ['该县没有可列入的', 'none in the county'],
  county_part: ['片区', 'part'], county_credentials: ['卡点查验的凭证', 'Credentials its gates ask for'], county_fleet: ['应急运力', 'Reserve fleet'], county_fleet_add: ['加一家企业', 'Add an enterprise'], county_notify: ['提前告知的企业', 'Enterprises told before'],
  county_demands: ['必须保障的运输', 'Journeys that must stay possible'], county_demand_add: ['加一项运输', 'Add a journey'], county_demand_places: ['每项运输都要有起点和终点。', 'Each journey needs an origin and a destination.'], demand_n: ['运输 {n}', 'Journey {n}'],
  enterprise: ['企业', 'Enterprise'], vehicles_n: ['车辆数', 'Vehicles'], add: ['加入', 'Add'], remove_named: ['移除 {name}', 'Remove {name}'], state_standby: ['待命', 'standby'], state_planned: ['规划', 'planned'],
  load: ['负荷', 'Load'], load_none: ['无', 'none'], load_of: ['{t} 起 {n} / {c} 辆', '{n} of {c} from {t}'], load_free: ['{t} 起 {n} 辆', '{n} from {t}'], load_over: ['超出', 'over'],
  load_all: ['{h} 小时共 {n} 辆', '{n} in {h} h'], load_note: ['按已存路线：{h} 小时内在途 {n} 条，最忙一小时对每小时通行能力。', 'By kept plans: {n} on their way within {h} h; the busiest hour against what a gate takes in an hour.'],
  load_other: ['另有 {n} 条属于旧路网，未计入。', '{n} of another network are not counted.'], load_elsewhere: ['{n} 次经过已撤销的检查点。', '{n} passages are at checkpoints that are gone.'],
  opens_nothing: ['未对应道路', 'opens nothing'], two_times: ['{n} / {g} 秒', '{n} / {g} s'],
  quality: ['数据质量', 'Quality of the rules'], quality_none: ['没有需要处理的问题。', 'Nothing needs attention.'],

  // places
  kind_place: ['地点', 'place'], kind_county_seat: ['县城', 'county seat'], kind_toll_station: ['收费站', 'toll station'], kind_road: ['道路', 'road'],
  kind_checkpoint: ['检查点', 'checkpoint'], kind_enterprise: ['企业', 'enterprise'], kind_fixed_receiving_point: ['固定接收点', 'receiving point'],
  kind_transfer_station: ['接驳中转站', 'transfer station'], kind_rest_area: ['服务区', 'rest area'], kind_logistics_park: ['物流园', 'logistics park'],
  kind_river_port: ['港口', 'river port'], kind_reserve_depot: ['储备库', 'reserve depot'], kind_airport: ['机场', 'airport'], kind_bonded_zone: ['保税区', 'bonded zone'],
  kind_rail_station: ['货运站', 'rail station'],

  // legs
  kind_origin: ['出发地段', 'origin leg'], kind_trunk: ['公路通行段', 'trunk leg'], kind_destination: ['目的地段', 'destination leg'],
  kind_relay: ['接驳段', 'relay leg'], kind_last_mile: ['最后一公里', 'last mile'],

  // figures
  km: ['{v} 公里', '{v} km'],
  h_min: ['{h} 小时 {m} 分', '{h} h {m} min'],
  min: ['{m} 分钟', '{m} min'],
  s: ['{v} 秒', '{v} s'],
  yuan: ['{v} 元', '¥{v}'],
  truck_2_axle: ['二轴货车 18 吨', '2 axles, 18 t'], truck_3_axle: ['三轴货车 25 吨', '3 axles, 25 t'], truck_4_axle: ['四轴货车 31 吨', '4 axles, 31 t'],
  truck_5_axle: ['五轴列车 43 吨', '5 axles, 43 t'], truck_6_axle: ['六轴列车 49 吨', '6 axles, 49 t'], light_truck: ['轻型货车', 'light truck'], van: ['面包车', 'van'],
};

let chosen = localStorage.getItem('language') === 'en' ? 'en' : 'zh';

export const language = () => chosen;
export const acceptLanguage = () => (chosen === 'zh' ? 'zh-CN' : 'en');

export function setLanguage(next) {
  chosen = next;
  localStorage.setItem('language', next);
  document.documentElement.lang = acceptLanguage();
}

export const has = (name) => name in catalogue;

// A name that the catalogue does not have shows `otherwise`, or itself: codes of the service may be newer than the console.
export function text(name, values = {}, otherwise = name) {
  const entry = catalogue[name];
  if (!entry) return otherwise;
  return entry[chosen === 'zh' ? 0 : 1].replace(/\{(\w+)\}/g, (_, key) => values[key] ?? '');
}

// Fills every element that names its text.
export function applyTexts(root = document) {
  for (const element of root.querySelectorAll('[data-text]')) element.textContent = text(element.dataset.text);
  for (const element of root.querySelectorAll('[data-title]')) {
    element.title = text(element.dataset.title);
    element.setAttribute('aria-label', text(element.dataset.title));
  }
}

export const formatKm = (m) => text('km', { v: (m / 1000).toFixed(m < 10000 ? 1 : 0) });

export function formatDuration(s) {
  if (s > 0 && s < 90) return text('s', { v: Math.round(s) });
  const minutes = Math.round(s / 60);
  return minutes < 60 ? text('min', { m: minutes }) : text('h_min', { h: Math.floor(minutes / 60), m: minutes % 60 });
}

export const formatTime = (rfc3339) => rfc3339.slice(11, 16);

// "11-27 08:00" of this year, with the year otherwise; always as the wall clocks of Asia/Shanghai show it.
export function formatMoment(value, short = false) {
  if (!value) return '';
  const local = new Date(Date.parse(value) + 8 * 3600e3).toISOString();
  const today = new Date(Date.now() + 8 * 3600e3).toISOString();
  if (short && local.slice(0, 10) === today.slice(0, 10)) return local.slice(11, 16);
  return `${local.slice(0, 4) === today.slice(0, 4) ? local.slice(5, 10) : local.slice(0, 10)} ${local.slice(11, 16)}`;
}
