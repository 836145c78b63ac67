# bash completion of baochang: source it, or put it into /usr/share/bash-completion/completions/baochang
_baochang() {
    local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}
    local command=${COMP_WORDS[1]} name="" value=$current options=""
    local config="--config= --address= --port= --socket-activation --public-url= --cors-origins= --threads= --workers= --queue-length= --queue-deadline-ms= --connections-max= --requests-per-connection-max= --pipelined-max= --bodies-max-mib= --turn-ms= --rate-units= --rate-burst= --trusted-proxies= --head-ms= --body-ms= --body-rate-min= --idle-ms= --write-ms= --request-ms= --stop-ms= --events-max= --events-heartbeat-ms= --database= --database-owner= --pepper-file= --snapshot= --rules-stale-ms= --export-dir= --export-keep-h= --metrics-mib= --replan-on-publication --region-name= --attribution= --schematic --basemap= --basemap-crs= --basemap-attribution= --language= --log-level= --core-dumps --access-log"
    COMPREPLY=()
    if [ "$COMP_CWORD" -eq 1 ]; then
        COMPREPLY=($(compgen -W "migrate import prepare route serve key check export zone config completion man --help --version" -- "$current"))
        return
    fi
    if [ "$current" = "=" ]; then
        name=$command:$before value=""
    elif [ "$before" = "=" ] && [ "$COMP_CWORD" -ge 3 ]; then
        name=$command:${COMP_WORDS[COMP_CWORD-2]}
    else
        name=$command:$before
    fi
    case $name in
    import:--mapping) COMPREPLY=($(compgen -f -- "$value")); return ;;
    route:--vehicle) COMPREPLY=($(compgen -W "truck_2_axle truck_3_axle truck_4_axle truck_5_axle truck_6_axle" -- "$value")); return ;;
    route:--prefer) COMPREPLY=($(compgen -W "time distance cost" -- "$value")); return ;;
    route:--alternatives) COMPREPLY=($(compgen -W "0 1 2 3" -- "$value")); return ;;
    route:--endpoints) COMPREPLY=($(compgen -W "reject nearest_outside" -- "$value")); return ;;
    route:--pdf) COMPREPLY=($(compgen -f -- "$value")); return ;;
    route:--svg) COMPREPLY=($(compgen -f -- "$value")); return ;;
    route:--png) COMPREPLY=($(compgen -f -- "$value")); return ;;
    route:--lang) COMPREPLY=($(compgen -W "zh en" -- "$value")); return ;;
    key:--role) COMPREPLY=($(compgen -W "viewer company officer planner approver admin" -- "$value")); return ;;
    check:--request) COMPREPLY=($(compgen -f -- "$value")); return ;;
    check:--rules) COMPREPLY=($(compgen -f -- "$value")); return ;;
    export:--format) COMPREPLY=($(compgen -W "geojson kml gpx gpkg shp.zip dxf csv fgb" -- "$value")); return ;;
    export:--out) COMPREPLY=($(compgen -f -- "$value")); return ;;
    export:--names) COMPREPLY=($(compgen -W "zh en" -- "$value")); return ;;
    export:--encoding) COMPREPLY=($(compgen -W "utf-8 gbk" -- "$value")); return ;;
    *:--basemap-crs) COMPREPLY=($(compgen -W "wgs84 gcj02" -- "$value")); return ;;
    *:--language) COMPREPLY=($(compgen -W "zh en" -- "$value")); return ;;
    *:--log-level) COMPREPLY=($(compgen -W "debug info warn error" -- "$value")); return ;;
    *:--config|*:--snapshot|*:--pepper-file) COMPREPLY=($(compgen -f -- "$value")); return ;;
    esac
    case $command in
    migrate) options="--help $config" ;;
    import) options="--help --demo --mapping= --source= --replace --quiet --scale= --seed= $config" ;;
    prepare) options="--help $config" ;;
    route) options="--help --from= --to= --stop= --service= --loop --base= --depart= --wait= --vehicle= --height= --width= --length= --weight= --axle-load= --axles= --hazmat --livestock --emission= --plate= --cargo= --credential= --avoid-zone= --avoid-class= --avoid-tolls --prefer= --alternatives= --endpoints= --max-snap= --corridor= --report --json --geojson --gpx --pdf= --svg= --png= --lang= $config" ;;
    serve) options="--help $config" ;;
    key) options="--help create list revoke --role= --holder= --county= --company= --expires= $config" ;;
    check) options="--help --request= --rules= --dump-rules --audit --head= $config" ;;
    export) options="--help --format= --out= --bbox= --at= --state= --crs= --names= --encoding= $config" ;;
    zone) options="--help lint $config" ;;
    config) options="--help show sample reference help $config" ;;
    completion) options="--help bash" ;;
    man) options="--help" ;;
    esac
    COMPREPLY=($(compgen -W "$options" -- "$current"))
    if [ ${#COMPREPLY[@]} -eq 1 ] && [[ ${COMPREPLY[0]} == *= ]]; then compopt -o nospace; fi
}
complete -o default -F _baochang baochang
